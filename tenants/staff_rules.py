"""Which roles a tenant of each kind may give, and what a registration must hold. Pure.

Sources: 医师执业注册管理办法 2017 (registered place, category, subjects; further sites are put on
record), 护士条例 2008 (registration of nurses),
互联网诊疗管理办法(试行) 2018.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.core.errors import Fault
from app.identity.api import Role
from tenants.rules import Kind

_OFFICE = frozenset({Role.TENANT_ADMINISTRATOR, Role.INTEGRATOR, Role.FINANCE_CLERK, Role.FINANCE_SUPERVISOR})
_CARE = frozenset(
    {
        Role.DOCTOR, Role.NURSE, Role.REGISTRAR, Role.DEPARTMENT_HEAD, Role.MEDICAL_AFFAIRS, Role.PHARMACIST,
        Role.PRIVACY_OFFICER, Role.RESEARCHER,
    }
)  # fmt: skip
_SUPPLY = frozenset({Role.PHARMACIST, Role.PREPARER, Role.COURIER})
ROLES_OF: Mapping[Kind, frozenset[Role]] = {
    Kind.HOSPITAL: _OFFICE | _CARE | _SUPPLY | {Role.PHONE_AGENT},
    Kind.CLINIC: _OFFICE | _CARE | _SUPPLY,
    Kind.FAMILY_DOCTOR_TEAM: _OFFICE | {Role.DOCTOR, Role.NURSE, Role.PRIVACY_OFFICER},
    Kind.PHARMACY: _OFFICE | _SUPPLY,
    Kind.INSURER: _OFFICE | {Role.CLAIMS_REVIEWER},
    Kind.PLATFORM: frozenset({Role.PLATFORM_OPERATOR}),
    Kind.REGULATOR: frozenset({Role.REGULATOR}),
}
CLINICAL = frozenset({Role.DOCTOR, Role.NURSE, Role.DEPARTMENT_HEAD, Role.PHARMACIST})
"""Roles whose holder treats or checks medicines, each registered with an end date."""

GIVEN_BY_OTHERS = CLINICAL | {
    Role.MEDICAL_AFFAIRS, Role.PREPARER, Role.COURIER, Role.FINANCE_SUPERVISOR, Role.RESEARCHER,
}  # fmt: skip
"""Roles that nobody gives themselves: those of who treats, checks or supplies, of who answers for their work, and of
who confirms where money goes; and of who reads what residents let be used for research.
"""


@dataclass(frozen=True)
class Registration:
    """As what a member is registered at this site: number, last day (local), subjects."""

    number: str | None
    until: date | None
    subjects: Collection[str]
    authority: str | None = None
    """Which health administration registered them here, or keeps the site on record (备案)."""
    home: str | None = None
    """Where they are mainly registered, if it is not here."""


def faults(
    kind: Kind, roles: Collection[Role], registration: Registration, site_subjects: Collection[str], today: date
) -> Iterator[Fault]:
    """Everything that stands against giving `roles` in a tenant of `kind` whose site holds `site_subjects`."""
    foreign = set(roles) - ROLES_OF[kind]
    if foreign:
        yield Fault("/roles", "role_not_of_kind", f"a {kind} has no " + ", ".join(sorted(foreign)))
    if CLINICAL & set(roles):
        yield from _registration_faults(registration, today)
    if Role.DOCTOR in roles:
        yield from _subject_faults(registration, site_subjects)


def acting(roles: Collection[Role], until: date | None, today: date) -> frozenset[Role]:
    """The roles in which a member whose registration ends with the day `until` may act on `today`."""
    return frozenset(roles) if until is not None and today <= until else frozenset(roles) - CLINICAL


def _registration_faults(registration: Registration, today: date) -> Iterator[Fault]:
    if not registration.number or registration.until is None:
        yield Fault("/registration_number", "registration_missing", "doctors, nurses and pharmacists are registered")
    elif registration.until < today:
        yield Fault("/registration_until", "registration_expired", "the registration has ended")
    if registration.home and not registration.authority:
        yield Fault("/registration_authority", "authority_missing", "a further site is on record with an authority")


def _subject_faults(registration: Registration, site_subjects: Collection[str]) -> Iterator[Fault]:
    if not registration.subjects:
        yield Fault("/subjects", "subjects_missing", "a doctor practises in registered subjects")
    outside = set(registration.subjects) - set(site_subjects)
    if outside:
        named = ", ".join(sorted(outside))
        yield Fault("/subjects", "subject_not_of_site", f"the site's license does not hold {named}")
