"""A person says that they are a member of an insurer's; the insurer compares, and answers by relay."""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.residents.api import Identity, TooManyTries, identity_of, next_day
from insurance.coverage_ids import coverage_public_id
from insurance.models.coverages import PersonCoverage
from insurance.names import COVERAGE_ASKED, INSURER
from insurance.rules.coverages import TRIES, Refusal, RequestState, plain_number
from insurance.service.sealing import number_digest, own_number, seal_own_number
from tenants.api import may_act, profile_of


@dataclass(frozen=True)
class Membership:
    """As what a person says they are covered."""

    insurer: PublicId
    member_number: str = field(repr=False)


@dataclass(frozen=True)
class OwnCoverage:
    """A coverage, or what came of asking for one, as its person reads it."""

    row: PersonCoverage
    number: str = field(repr=False)


def ask(person: uuid.UUID, wish: Membership, by: Caller, effect: Effect | None = None) -> OwnCoverage:
    """Ask for a coverage as the verified resident `person`; asked for or had already, it is answered again.

    Raises Forbidden `resident_unverified`, NotFound, InvalidInput where the tenant is no insurer, WrongState
    `insurer_suspended`, and TooManyTries.
    """
    name = _insurer_name(person, wish.insurer, by)

    def work(opened: Unit) -> OwnCoverage:
        who = identity_of(opened, lock=True)  # the resident's row is the lock under which their requests are counted
        known = _open_request(opened, wish)
        if known is not None:
            return shown(opened, known)
        _refuse_too_many(opened)
        row = _new(opened, wish, name)
        asked = [Outgoing(wish.insurer.scope, COVERAGE_ASKED, _asked(opened, row, who))]
        record(opened, "coverage.requested", coverage_public_id(row), 1, {"insurer": row.insurer}, asked)
        return shown(opened, row)

    return run(Scope.for_person(person), work, by, effect=effect)


def shown(opened: Unit, row: PersonCoverage) -> OwnCoverage:
    """`row` with its member number opened."""
    return OwnCoverage(row, own_number(opened, row))


def _insurer_name(person: uuid.UUID, insurer: PublicId, by: Caller) -> str:
    if insurer.scope.tenant is None:
        raise NotFound
    with unit(Scope.for_tenant(insurer.scope.tenant, as_resident=person), by) as reading:
        profile = profile_of(reading)
        if profile.id != insurer.id:
            raise NotFound
        if profile.kind != INSURER:
            fault = Fault("/insurer", "not_an_insurer", "Coverages come from an insurer.")
            raise InvalidInput("no insurer", faults=(fault,))
        if not may_act(reading):
            raise WrongState("the insurer is suspended", code=Refusal.INSURER_SUSPENDED)
        return profile.name


def _open_request(opened: Unit, wish: Membership) -> PersonCoverage | None:
    insurer = wish.insurer.scope.require_tenant()
    query = opened.select(PersonCoverage).where(
        PersonCoverage.insurer == insurer,
        PersonCoverage.number_digest == number_digest(opened, insurer, wish.member_number),
        PersonCoverage.state.in_((RequestState.REQUESTED, RequestState.ACTIVE)),
    )
    return opened.first(query)


def _refuse_too_many(opened: Unit) -> None:
    """Requests without an answer count too: many at once are many tries."""
    tries = select(func.count()).select_from(PersonCoverage).where(
        PersonCoverage.person_id == opened.scope.require_person(), PersonCoverage.asked_on == local_date(opened.now),
        or_(PersonCoverage.state == RequestState.REQUESTED, PersonCoverage.reason == Refusal.NOT_A_MEMBER),
    )  # fmt: skip
    if opened.session.scalars(tries).one() >= TRIES:
        raise TooManyTries(f"{TRIES} tries a day", retry_after=next_day(opened.now))


def _new(opened: Unit, wish: Membership, insurer_name: str) -> PersonCoverage:
    id, insurer = new_id(), wish.insurer.scope.require_tenant()
    return opened.add(
        PersonCoverage(
            id=id, insurer=insurer, insurer_id=wish.insurer.id, insurer_name=insurer_name,
            member_number=seal_own_number(opened, id, plain_number(wish.member_number)),
            number_digest=number_digest(opened, insurer, wish.member_number), state=RequestState.REQUESTED,
            asked_on=local_date(opened.now), source_version=0, version=1, requested_at=opened.now,
        )
    )  # fmt: skip


def _asked(opened: Unit, row: PersonCoverage, who: Identity) -> dict[str, str]:
    return {
        "id": str(row.id), "name": who.name, "identity_number": who.number, "member_number": own_number(opened, row),
    }  # fmt: skip
