"""Names that this slice gives to ids, relays and events."""

RESIDENT_ID = "res"
CARD_ID = "crd"
CONTRACT_ID = "fdc"
ALLERGY_ID = "alg"
ACCESS_ID = "acc"
EXPORT_ID = "exp"

TEAM = "family_doctor_team"
"""The kind of tenant that takes family-doctor contracts."""
CONTRACT_RELAY = "family_contract.publish"
EXPORT_RELAY = "data_export.tell"
"""To the person whose export it is."""
EVENTS = {
    "family_contract.requested": "A resident asks the team for a contract.",
    "family_contract.activated": "The team accepted; the contract runs from this day on.",
    "family_contract.declined": "The team declined the request.",
    "family_contract.ended": "The contract was ended before its term, or the request withdrawn.",
}
"""Public events of this slice."""

REGISTRY = "cloud_hospital_identity_registry"
"""Where the application keeps how this slice asks the registry of identities."""
