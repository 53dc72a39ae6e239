"""Names that this slice gives to ids, relays and events."""

RESIDENT_ID = "res"
CARD_ID = "crd"
CONTRACT_ID = "fdc"
ALLERGY_ID = "alg"
ACCESS_ID = "acc"
EXPORT_ID = "exp"
CASE_ID = "acs"
CONSENT_ID = "cns"
REPRESENTATIVE_ID = "rep"
"""Who may act for a person, as that person knows it."""
REPRESENTED_ID = "rpd"
"""The same, as who acts knows it."""
CIVIL_PAPER_ID = "cvp"
ERASURE_ID = "ers"
DEATH_ID = "dth"
RETENTION_ID = "rtn"
CORRECTION_ID = "cor"

TEAM = "family_doctor_team"
"""The kind of tenant that takes family-doctor contracts."""
CONTRACT_RELAY = "family_contract.publish"
REPRESENTATION_RELAY = "representation.tell"
"""To who may act for the person."""
ERASURE_RELAY = "person.erase"
"""To the tenants that keep something about a person whose account was erased."""
CORRECTION_RELAY = "correction.tell"
"""To the person whose wish it is."""
EXPORT_RELAY = "data_export.tell"
"""To the person whose export it is."""
OPEN_CASE_RELAY = "account_case.open"
"""To the platform: two people may be behind one number."""
NOTICE_RELAY = "security_notice.tell"
"""To the other account that such a conflict concerns."""
CHECK_RELAY = "account_case.check"
CHECKED_RELAY = "account_case.answer"
"""From the platform to an account, which compares papers, and back."""
CONSENT_RELAY = "consent.tell"
"""To the institution that may read, or may no more."""
EVENTS = {
    "family_contract.requested": "A resident asks the team for a contract.",
    "family_contract.activated": "The team accepted; the contract runs from this day on.",
    "family_contract.declined": "The team declined the request.",
    "family_contract.ended": "The contract was ended before its term, or the request withdrawn.",
    "consent.granted": "A resident lets the institution read a category of their records for a purpose.",
    "consent.revoked": "The resident took the consent back: it opens nothing any more.",
    "consent.replaced": "The resident gave a newer consent for the same.",
}
"""Public events of this slice."""

REGISTRY = "cloud_hospital_identity_registry"
"""Where the application keeps how this slice asks the registry of identities."""
