"""Who may do what: the one table from roles to permissions."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is on the platform: a signed-in person is a resident; staff have theirs in a tenant."""

    RESIDENT = "resident"
    GUARDIAN = "guardian"
    REGISTRAR = "registrar"
    PHONE_AGENT = "phone_agent"
    NURSE = "nurse"
    DOCTOR = "doctor"
    DEPARTMENT_HEAD = "department_head"
    MEDICAL_AFFAIRS = "medical_affairs"
    PHARMACIST = "pharmacist"
    PREPARER = "preparer"
    COURIER = "courier"
    CLAIMS_REVIEWER = "claims_reviewer"
    FINANCE_CLERK = "finance_clerk"
    FINANCE_SUPERVISOR = "finance_supervisor"
    TENANT_ADMINISTRATOR = "tenant_administrator"
    INTEGRATOR = "integrator"
    PRIVACY_OFFICER = "privacy_officer"
    RESEARCHER = "researcher"
    PLATFORM_OPERATOR = "platform_operator"
    REGULATOR = "regulator"


SIGNED_IN = frozenset({"sign_ins.end"})
"""What every role may do."""

_OWN_APPOINTMENTS = frozenset({"appointments.write", "appointments.read", "appointments.cancel"})
_SHIFTS = frozenset({"shifts.write", "appointments.read", "appointments.read_all", "appointments.cancel"})
"""Those of whoever runs the registration desk of a hospital."""

_OWN_BILLS = frozenset({"bills.pay", "bills.read"})
_BILLS = frozenset({"bills.read", "bills.read_all"})
"""Those of whoever keeps the books."""

_ACCOUNT_CHANGES = frozenset({"merchant_accounts.propose", "merchant_accounts.read_changes"})
"""Those of who may propose that a tenant's money goes elsewhere; a finance supervisor confirms it."""

_OWN_VISITS = frozenset({"visits.request", "visits.read", "visits.write"})
_VISITS = frozenset({"visits.treat", "visits.read", "visits.write"})
"""A doctor's: of the visits that ask for them, and of no others."""

_RESIDENT = frozenset({"residents.read", "residents.write", "consents.read", "consents.write"})
_CONTRACTS = frozenset({"family_contracts.read", "family_contracts.decide"})
"""A family-doctor team's: its doctors decide, the others read."""

_MEMBERS = frozenset({"plans.manage", "members.manage"})
"""Those of whoever keeps an insurer's plans and members."""

_ORDERS = frozenset({"routing_orders.read", "routing_orders.prepare", "routing_orders.hand_over"}) | {
    "shipments.read",
    "shipments.give",
}
"""Those of whoever prepares medicines at a pharmacy, and gives them to its couriers."""
_PARCELS = frozenset({"shipments.read", "shipments.carry"})
"""A courier's: of parcels that were given to them."""

_CLAIMS = frozenset({"claims.read", "claims.withdraw"})
"""Those of whoever keeps a provider's books."""
_CLAIM_CASES = frozenset({"claim_cases.read", "claim_cases.decide"})
"""Those of whoever decides claims at an insurer."""

_KEYS = frozenset({"signing_keys.make", "signing_keys.read", "signing_keys.revoke"})
"""Those of whoever signs, with a key of their own."""
_PRESENCE = frozenset({"presences.prove"})
"""Those of whoever works online, once a shift."""
_PRESCRIPTIONS = frozenset({"prescriptions.write", "prescriptions.withdraw", "prescriptions.read", "medicines.read"})
"""A doctor's: of those that they write."""
_DEPUTY = frozenset({"prescriptions.withdraw", "prescriptions.deputize"})
"""Those of whoever answers for what a doctor wrote who cannot act any more."""
_REVIEWS = frozenset({"prescription_reviews.decide", "prescriptions.read", "medicines.read", "formulary.manage"})
"""A pharmacist's."""
_COUNTS = frozenset({"drug_counts.ask", "drug_counts.read"})
"""Those of who supervises prescribing: counts by doctor and medicine, which a pharmacist must confirm."""
_COUNTS_CONFIRMED = frozenset({"drug_counts.confirm", "drug_counts.read"})

_SHARED = frozenset({"shared_records.read"})
"""Of records that others keep: where a consent opens them."""

_FOR_ONE = (
    frozenset({"me.read", "corrections.own", "corrections.read"})
    | _RESIDENT
    | _OWN_APPOINTMENTS
    | _OWN_BILLS
    | _OWN_VISITS
    | {"settlements.read", "settlements.write"}
    | {"prescriptions.read", "prescriptions.close"}
    | {"coverages.own", "prescriptions.route", "routing_orders.read", "routing_orders.own"}
    | {"shipments.own", "shipments.read"}
)
"""What is done about one person: by themself, or by who acts for them. Neither credentials nor who else may act."""
_EXPORTS = frozenset({"exports.write", "exports.read"})
"""Everything at once: for oneself, and, without what is for oneself alone, for a child by its guardian; no proxy's."""
_READING = frozenset(
    {
        "residents.read", "appointments.read", "bills.read", "visits.read", "settlements.read", "prescriptions.read",
        "routing_orders.read", "shipments.read",
    }
)  # fmt: skip

_OF_SOME: Mapping[Role, frozenset[str]] = {
    Role.RESIDENT: _FOR_ONE
    | _EXPORTS
    | {"me.write", "credentials.read", "family.read", "family.write", "erasures.write"},
    Role.GUARDIAN: _FOR_ONE | _EXPORTS,
    Role.TENANT_ADMINISTRATOR: frozenset(
        {"tenant.read", "tenant.manage", "staff.manage", "clients.manage", "webhooks.manage", "events.read"}
    )
    | {"family_contracts.read", "merchant_accounts.manage", "visit_fees.write"}
    | _ACCOUNT_CHANGES
    | {"claims.read", "scheme_connections.manage", "emergency_accesses.list", "home_consents.decide"}
    | {"formulary.manage", "medicines.read", "signing_keys.read", "signing_keys.revoke", "signing_keys.manage"}
    | _SHIFTS
    | _MEMBERS
    | {"products.manage"}
    | _BILLS,
    Role.REGISTRAR: _SHIFTS
    | {"eligibility_checks.ask", "corrections.answer", "corrections.read", "corrections.of_registrations"},
    Role.FINANCE_CLERK: frozenset({"eligibility_checks.ask"}) | _BILLS | _CLAIMS | _ACCOUNT_CHANGES,
    Role.FINANCE_SUPERVISOR: _BILLS
    | {"claims.read", "refunds.retry", "refunds.pay_otherwise", "reversals.retry", "reversals.note"}
    | {"merchant_accounts.confirm", "merchant_accounts.read_changes"},
    Role.CLAIMS_REVIEWER: _CLAIM_CASES | _SHARED,
    Role.DOCTOR: _CONTRACTS | _VISITS | _KEYS | _PRESCRIPTIONS | _PRESENCE | _SHARED | {"emergency_accesses.open"},
    Role.DEPARTMENT_HEAD: _DEPUTY,
    Role.MEDICAL_AFFAIRS: _DEPUTY
    | _COUNTS
    | {"visits.read", "visits.inspect", "visits.conclude"}
    | {"corrections.answer", "corrections.read", "corrections.of_records"}
    | {"home_consents.decide", "research_projects.manage", "research_projects.read"},
    Role.PRIVACY_OFFICER: frozenset({"emergency_accesses.list", "emergency_accesses.review"}),
    Role.RESEARCHER: frozenset({"research_projects.read", "research.read"}),
    Role.NURSE: frozenset({"family_contracts.read", "appointments.read", "appointments.read_all"}),
    Role.PHONE_AGENT: frozenset({"appointments.telephone", "appointments.cancel"}),
    Role.REGULATOR: frozenset({"supervision.read"}),
    Role.INTEGRATOR: frozenset({"clients.manage", "webhooks.manage", "events.read"}) | _MEMBERS | {"products.manage"},
    Role.PHARMACIST: _KEYS
    | _PRESENCE
    | _REVIEWS
    | _ORDERS
    | _COUNTS_CONFIRMED
    | {"products.manage", "routing_orders.accept", "routing_orders.check"},
    Role.PREPARER: _ORDERS,
    Role.COURIER: _PARCELS,
    Role.PLATFORM_OPERATOR: frozenset({"organization_applications.read", "organization_applications.decide"})
    | {"account_cases.read", "account_cases.decide"}
    | {"proposals.read", "proposals.decide"}
    | {"civil_papers.read", "civil_papers.decide"},
}

PERMISSIONS: Mapping[Role, frozenset[str]] = {role: SIGNED_IN | _OF_SOME.get(role, frozenset()) for role in Role}

ACTING: Mapping[str, frozenset[str]] = {
    "guardian": PERMISSIONS[Role.GUARDIAN],
    "proxy_read": SIGNED_IN | _READING,
    "proxy_book": SIGNED_IN | _READING | _OWN_APPOINTMENTS,
    "proxy_pay": SIGNED_IN | _READING | {"bills.pay", "settlements.write"},
    "proxy_everything": SIGNED_IN | _FOR_ONE,
    "successor": SIGNED_IN | _READING | {"me.read"},
}
"""What somebody may do for another person, by what they act as."""

NEED_SECOND_FACTOR = frozenset(
    {
        Role.DOCTOR, Role.PHARMACIST, Role.CLAIMS_REVIEWER, Role.TENANT_ADMINISTRATOR, Role.PLATFORM_OPERATOR,
        Role.DEPARTMENT_HEAD, Role.MEDICAL_AFFAIRS, Role.FINANCE_SUPERVISOR, Role.PRIVACY_OFFICER,
        Role.RESEARCHER,
    }
)  # fmt: skip
"""As whom nobody acts who has not proved a second factor: they sign, decide about money, or say who may do what."""

FOR_CLIENTS = frozenset({"events.read", "webhooks.manage", "plans.manage", "members.manage"}) | {
    "products.manage",
    "routing_orders.read",
    "routing_orders.accept",
    "claim_cases.read",
    "claim_cases.decide",
}
"""What a tenant may give to its API clients."""


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Everything that somebody with these roles may do; nothing without a role."""
    return frozenset[str]().union(*(PERMISSIONS[role] for role in roles))
