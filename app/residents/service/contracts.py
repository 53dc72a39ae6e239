"""Family-doctor contracts: asked for by a resident in the team's tenant, decided there, told to the person."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.residents.models import FamilyContract
from app.residents.names import TEAM
from app.residents.rules.contracts import (
    OPEN,
    Act,
    ContractState,
    DeclineReason,
    EndReason,
    Package,
    last_day,
    moved,
    present_state,
)
from app.residents.service.projection import publish, take_at_once
from app.residents.service.reading import Verified, verified
from app.residents.service.seen import Seen, contract_id, name_place, seen
from tenants.api import may_act, profile_of


@dataclass(frozen=True)
class Wish:
    """What a resident asks a team for."""

    package: Package
    term_years: int


@dataclass(frozen=True)
class Contract:
    """A contract that holds on the day that was asked about: the legal basis of a visit with the team."""

    id: PublicId
    package: Package
    starts_on: date
    ends_on: date
    version: int


def request(person: uuid.UUID, team: PublicId, wish: Wish, by: Caller, effect: Effect | None = None) -> Seen:
    """Ask `team` for a contract as the verified resident `person`.

    Raises Forbidden for an unverified resident, NotFound, InvalidInput where the tenant is no family-doctor team, and
    WrongState while it is suspended or where a contract with it is open.
    """
    if team.scope.tenant is None:
        raise NotFound
    with unit(Scope.for_person(person), by) as reading:
        who = verified(reading)

    def work(opened: Unit) -> Seen:
        team_name = _name_of(opened, team)
        _expire_former(opened, person)
        row = _new(opened, person, who, wish, team_name)
        facts = {"package": wish.package.value, "term_years": wish.term_years}
        record(opened, "family_contract.requested", contract_id(row), 1, facts, [publish(opened, row)], person)
        return seen(opened, row)

    made = run(Scope.for_tenant(team.scope.require_tenant(), as_resident=person), work, by, effect=effect)
    take_at_once(made, by)
    return made


def accept(known: PublicId, by: Caller, effect: Effect | None = None) -> Seen:
    """The team takes the resident; the contract runs from today. Raises NotFound and WrongState."""

    def change(row: FamilyContract, today: date) -> None:
        row.starts_on, row.ends_on = today, last_day(today, row.term_years)

    return _decide(known, Act.ACCEPT, "family_contract.activated", change, by, effect)


def decline(known: PublicId, reason: DeclineReason, by: Caller, effect: Effect | None = None) -> Seen:
    """The team does not take the resident. Raises NotFound and WrongState."""

    def change(row: FamilyContract, today: date) -> None:
        row.reason = reason

    return _decide(known, Act.DECLINE, "family_contract.declined", change, by, effect)


def end(known: PublicId, reason: EndReason, by: Caller, effect: Effect | None = None) -> Seen:
    """The team ends a contract that runs. Raises NotFound and WrongState."""
    return _end(known.scope, known.id, Act.END, reason, by, effect)


def leave(person: uuid.UUID, known: PublicId, by: Caller, effect: Effect | None = None) -> Seen:
    """The resident ends their contract, or takes the request back. Raises NotFound and WrongState."""
    if known.scope.tenant is None:
        raise NotFound
    scope = Scope.for_tenant(known.scope.tenant, as_resident=person)
    ended = _end(scope, known.id, Act.LEAVE, EndReason.RESIDENT_LEAVES, by, effect)
    take_at_once(ended, by)
    return ended


def end_of_dead(person: uuid.UUID, known: PublicId, by: Caller) -> None:
    """End a contract, or a request for one, of somebody who died; raises WrongState where it has ended."""
    scope = Scope.for_tenant(known.scope.require_tenant(), as_resident=person)
    _end(scope, known.id, Act.LEAVE, EndReason.RESIDENT_DIED, by, None)


def active_contract(opened: Unit, resident_id: uuid.UUID, on: date) -> Contract | None:
    """The contract that the resident has with the unit's tenant on the local date `on`, or None."""
    query = opened.select(FamilyContract).where(
        FamilyContract.resident_id == resident_id, FamilyContract.state == ContractState.ACTIVE,
        FamilyContract.starts_on <= on, FamilyContract.ends_on >= on,
    )  # fmt: skip
    row = opened.first(query)
    if row is None or row.starts_on is None or row.ends_on is None:
        return None
    return Contract(contract_id(row), Package(row.package), row.starts_on, row.ends_on, row.version)


def resident_of_contract(opened: Unit, contract: uuid.UUID) -> uuid.UUID | None:
    """The resident of a contract of the unit's tenant that runs today, else None."""
    today = local_date(opened.now)
    query = opened.select(FamilyContract).where(
        FamilyContract.id == contract, FamilyContract.state == ContractState.ACTIVE,
        FamilyContract.starts_on <= today, FamilyContract.ends_on >= today,
    )  # fmt: skip
    row = opened.first(query)
    return row.resident_id if row else None


def _decide(
    known: PublicId,
    act: Act,
    happened: str,
    change: Callable[[FamilyContract, date], None],
    by: Caller,
    effect: Effect | None,
) -> Seen:
    def work(opened: Unit) -> Seen:
        row = _locked(opened, known.id)
        _move(opened, row, act)
        change(row, local_date(opened.now))
        row.decided_by, row.decided_at = by.actor, opened.now
        return _changed(opened, row, happened)

    return run(known.scope, work, by, effect=effect)


def _end(scope: Scope, id: uuid.UUID, act: Act, reason: EndReason, by: Caller, effect: Effect | None) -> Seen:
    def work(opened: Unit) -> Seen:
        row = _locked(opened, id)
        _move(opened, row, act)
        row.reason, row.ended_at = reason, opened.now
        return _changed(opened, row, "family_contract.ended")

    return run(scope, work, by, effect=effect)


def _locked(opened: Unit, id: uuid.UUID) -> FamilyContract:
    row = opened.get(FamilyContract, id, lock=True)
    if row is None:
        raise NotFound
    return row


def _move(opened: Unit, row: FamilyContract, act: Act) -> None:
    present = present_state(ContractState(row.state), row.ends_on, local_date(opened.now))
    row.state = moved(present, act)
    row.version += 1


def _changed(opened: Unit, row: FamilyContract, happened: str) -> Seen:
    facts = {"state": row.state, "reason": row.reason or "", "package": row.package}
    record(opened, happened, contract_id(row), row.version, facts, [publish(opened, row)], row.resident_id)
    return seen(opened, row)


def _name_of(opened: Unit, team: PublicId) -> str:
    """The name of the unit's tenant, which takes contracts; raises NotFound, InvalidInput, WrongState."""
    profile = profile_of(opened)
    if profile.id != team.id:
        raise NotFound
    if profile.kind != TEAM:
        raise InvalidInput("no team", faults=(Fault("/team", "not_a_team", "Contracts are made with a team."),))
    if not may_act(opened):
        raise WrongState("the team is suspended", code="team_suspended")
    return profile.name


def _expire_former(opened: Unit, person: uuid.UUID) -> None:
    """Write down that the former contract has expired, so that there is room for the next; refuse an open one."""
    query = opened.select(FamilyContract).where(
        FamilyContract.resident_id == person, FamilyContract.state.in_(OPEN)
    )  # fmt: skip
    row = opened.first(query.with_for_update())
    if row is None:
        return
    if present_state(ContractState(row.state), row.ends_on, local_date(opened.now)) is not ContractState.EXPIRED:
        raise _still_open()
    _move(opened, row, Act.EXPIRE)
    _changed(opened, row, "family_contract.expired")


def _new(opened: Unit, person: uuid.UUID, who: Verified, wish: Wish, team_name: str) -> FamilyContract:
    id = new_id()
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": id, "resident_id": person, "birth_date": who.birth_date,
        "name": opened.cipher.seal(who.name.encode(), name_place(opened.scope, id)), "sex": who.sex,
        "team_name": team_name, "package": wish.package, "term_years": wish.term_years,
        "state": ContractState.REQUESTED, "requested_at": opened.now, "version": 1,
    }  # fmt: skip
    made = insert(FamilyContract).values(row).on_conflict_do_nothing().returning(FamilyContract.id)
    if opened.session.execute(made).first() is None:  # the same resident asked twice at once
        raise _still_open()
    return _locked(opened, id)


def _still_open() -> WrongState:
    return WrongState("a contract with this team is open", code="contract_open")
