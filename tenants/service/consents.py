"""The word of the institution where a doctor is mainly registered, at the site where they want to practise online.

What stands on paper is recorded; an institution that is a tenant is asked instead, and answers (`home_asking`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core.errors import Fault, Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from tenants.home_consent_rules import AGAINST, INSTITUTIONS, ConsentState, may_become, spelled_alike
from tenants.models import DirectoryEntry, Staff
from tenants.names import ASK_HOME, CONSENT_ID, END_ASKING
from tenants.practice_models import HomeConsent
from tenants.service.membership import staff_subject
from tenants.service.profiles import profile_of


@dataclass(frozen=True)
class Consent:
    """That a doctor may practise online here: on whose record, from and until which local days."""

    number: str
    authority: str
    valid_from: date
    valid_until: date
    home: PublicId | None = None
    """Which tenant the home institution is, where several have its name."""


def add(member_id: PublicId, given: Consent, by: Caller, effect: Effect | None = None) -> HomeConsent:
    """Record the consent of a member's home institution, or ask it where it is a tenant; somebody else must do that
    than the member.

    Raises NotFound, Forbidden, InvalidInput, also `home_ambiguous`, WrongState `home_is_here` where this site is their
    home, `home_consent_asked` while the institution has not answered, and `home_institution_against` for paper about
    somebody whose home institution said no, or no longer, when one was last asked.
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
        home = _home(opened, member.home_institution, given.home)
        _refuse_asked(opened, member)
        if home is None:
            _refuse_paper(opened, member)
        row = opened.add(_row(opened, member, given, home))
        told = [Outgoing(Scope.for_tenant(home), ASK_HOME, _question(opened, member, row))] if home else []
        _record(opened, row, told)
        return row

    return run(member_id.scope, work, by, effect=effect)


def withdraw(known: PublicId, by: Caller, effect: Effect | None = None) -> HomeConsent:
    """The home institution takes its word back, or the site does without: nothing is done online on it from this commit
    on. Raises NotFound, WrongState where it was declined or withdrawn.
    """

    def work(opened: Unit) -> HomeConsent:
        row = opened.get(HomeConsent, known.id, lock=True)
        if row is None:
            raise NotFound
        if not may_become(ConsentState(row.state), ConsentState.WITHDRAWN):
            raise WrongState(f"it was {row.state} before", code=f"home_consent_{row.state}")
        told = [Outgoing(Scope.for_tenant(row.home), END_ASKING, {"consent": str(row.id)})] if row.home else []
        _move(opened, row, ConsentState.WITHDRAWN, told)
        return row

    return run(known.scope, work, by, effect=effect)


def take_answer(opened: Unit, relay: Incoming) -> Answer:
    """Learn what the home institution says of its doctor; an answer that comes too late changes nothing."""
    row = opened.get(HomeConsent, uuid.UUID(relay.payload["consent"]), lock=True)
    wanted = ConsentState(relay.payload["state"])
    if row is None or row.home != relay.giver.tenant or not may_become(ConsentState(row.state), wanted):
        return {"refused": "home_consent_not_asked"}
    row.home_said = wanted
    _move(opened, row, wanted, [])
    return {}


def consent_id(row: HomeConsent) -> PublicId:
    """A consent's public id."""
    return PublicId(CONSENT_ID, Scope.for_tenant(row.tenant_id), row.id)


def _home(opened: Unit, name: str, named: PublicId | None) -> int | None:
    """The tenant that the home institution is, by its name in the directory, however it is spelled; None where it is
    none.
    """
    others = select(DirectoryEntry.tenant, DirectoryEntry.profile_id, DirectoryEntry.name).where(
        DirectoryEntry.kind.in_(INSTITUTIONS), DirectoryEntry.tenant != opened.scope.require_tenant()
    )
    sought = spelled_alike(name)
    found = {row.tenant: row.profile_id for row in opened.session.execute(others) if spelled_alike(row.name) == sought}
    if named is not None:
        tenant = named.scope.tenant
        if tenant is None or found.get(tenant) != named.id:
            raise InvalidInput(faults=(Fault("/home", "home_unknown", "no institution of the doctor's home's name"),))
        return tenant
    if len(found) > 1:
        fault = Fault("/home", "home_ambiguous", "several tenants have this name: say which")
        raise InvalidInput("several tenants have the home institution's name", code="home_ambiguous", faults=(fault,))
    return next(iter(found), None)


def _row(opened: Unit, member: Staff, given: Consent, home: int | None) -> HomeConsent:
    return HomeConsent(
        id=new_id(), staff_id=member.id, institution=member.home_institution, home=home,
        state=ConsentState.RECORDED if home is None else ConsentState.ASKED, number=given.number,
        authority=given.authority, valid_from=given.valid_from, valid_until=given.valid_until,
        recorded_by=opened.by.actor, recorded_at=opened.now, version=1,
    )  # fmt: skip


def _question(opened: Unit, member: Staff, row: HomeConsent) -> dict[str, str | None]:
    return {
        "consent": str(row.id), "site_name": profile_of(opened).name, "doctor_name": member.name,
        "registration_number": member.registration_number, "number": row.number, "authority": row.authority,
        "valid_from": row.valid_from.isoformat(), "valid_until": row.valid_until.isoformat(),
    }  # fmt: skip


def _move(opened: Unit, row: HomeConsent, state: ConsentState, told: Sequence[Outgoing]) -> None:
    row.state, row.version = state, row.version + 1
    row.withdrawn_at = opened.now if state is ConsentState.WITHDRAWN else None
    _record(opened, row, told)


def _record(opened: Unit, row: HomeConsent, told: Sequence[Outgoing]) -> None:
    staff = staff_subject(Staff(tenant_id=row.tenant_id, id=row.staff_id))
    facts: Facts = {"staff": str(staff), "from": row.valid_from.isoformat(), "until": row.valid_until.isoformat()}
    record(opened, f"home_consent.{row.state}", PublicId(CONSENT_ID, opened.scope, row.id), row.version, facts, told)


def _refuse_own(member: Staff, by: Caller) -> None:
    if by.actor == f"staff:{staff_subject(member)}":
        raise Forbidden("somebody else must record this", code="own_clinical_role")


def _refuse_asked(opened: Unit, member: Staff) -> None:
    """Under the member's lock, so that two cannot ask at once."""
    waiting = (HomeConsent.staff_id == member.id, HomeConsent.state == ConsentState.ASKED)
    if opened.first(opened.select(HomeConsent).where(*waiting)):
        raise WrongState("the home institution was asked and has not answered", code="home_consent_asked")


def _refuse_paper(opened: Unit, member: Staff) -> None:
    """An institution that answered for itself is not gone round by paper in another's name."""
    answered = (HomeConsent.staff_id == member.id, HomeConsent.home_said.is_not(None))
    last = opened.first(opened.select(HomeConsent).where(*answered).order_by(HomeConsent.id.desc()).limit(1))
    if last and last.home_said in AGAINST:
        raise WrongState(
            "the home institution does not consent: paper does not stand in", code="home_institution_against"
        )
