"""The word of the institution where a doctor is mainly registered: recorded, withdrawn."""

import uuid
from dataclasses import dataclass
from datetime import date

from app.core.errors import Fault, Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from tenants.models import Staff
from tenants.names import CONSENT_ID
from tenants.practice_models import HomeConsent
from tenants.service.membership import staff_subject


@dataclass(frozen=True)
class Consent:
    """That a doctor may practise online here: on whose record, from and until which local days."""

    number: str
    authority: str
    valid_from: date
    valid_until: date


def add(member_id: PublicId, given: Consent, by: Caller, effect: Effect | None = None) -> HomeConsent:
    """Record the consent of a member's home institution, which somebody else must do than the member.

    Raises NotFound, Forbidden, InvalidInput, WrongState where this site is their home.
    """
    if given.valid_until < given.valid_from:
        raise InvalidInput(faults=(Fault("/valid_until", "days_reversed", "it ends before it begins"),))

    def work(opened: Unit) -> HomeConsent:
        member = opened.get(Staff, member_id.id, lock=True)
        if member is None:
            raise NotFound
        _refuse_own(member, by)
        if member.home_institution is None:
            raise WrongState("this site is where they are mainly registered", code="home_is_here")
        row = opened.add(
            HomeConsent(
                id=new_id(), staff_id=member.id, number=given.number, authority=given.authority,
                valid_from=given.valid_from, valid_until=given.valid_until, recorded_by=by.actor,
                recorded_at=opened.now, version=1,
            )
        )  # fmt: skip
        facts = {"staff": str(member_id), "from": row.valid_from.isoformat(), "until": row.valid_until.isoformat()}
        record(opened, "home_consent.recorded", PublicId(CONSENT_ID, opened.scope, row.id), 1, facts)
        return row

    return run(member_id.scope, work, by, effect=effect)


def withdraw(known: PublicId, by: Caller, effect: Effect | None = None) -> HomeConsent:
    """The home institution takes its word back: nothing is done online on it from this commit on.

    Raises NotFound, WrongState where it was withdrawn.
    """

    def work(opened: Unit) -> HomeConsent:
        row = opened.get(HomeConsent, known.id, lock=True)
        if row is None:
            raise NotFound
        if row.withdrawn_at is not None:
            raise WrongState("it was withdrawn before", code="home_consent_withdrawn")
        row.withdrawn_at, row.version = opened.now, row.version + 1
        facts = {"staff": str(_staff(row.tenant_id, row.staff_id))}
        record(opened, "home_consent.withdrawn", known, row.version, facts)
        return row

    return run(known.scope, work, by, effect=effect)


def consent_id(row: HomeConsent) -> PublicId:
    """A consent's public id."""
    return PublicId(CONSENT_ID, Scope.for_tenant(row.tenant_id), row.id)


def _staff(tenant: int, staff_id: uuid.UUID) -> PublicId:
    return staff_subject(Staff(tenant_id=tenant, id=staff_id))


def _refuse_own(member: Staff, by: Caller) -> None:
    if by.actor == f"staff:{staff_subject(member)}":
        raise Forbidden("somebody else must record this", code="own_clinical_role")
