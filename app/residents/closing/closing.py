"""The residents slice's part in the end of an account; that of the core's tables too."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from sqlalchemy import delete

from app.core.blobs import blobs
from app.core.calendar import local_date
from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import SYSTEM, Caller, Unit, run, unit
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose
from app.residents.export_models import DataExport
from app.residents.family.models import Representation, Represented
from app.residents.family.rules import OPEN, EndReason, Kind, State
from app.residents.family.service.representations import end
from app.residents.models import Card, IdentityNumber, PersonContract
from app.residents.names import CONTRACT_ID, REPRESENTED_ID
from app.residents.repository import bound_cards, resident
from app.residents.reservations import Reserved
from app.residents.rules.contracts import OPEN as RUNNING
from app.residents.rules.contracts import ContractState, present_state
from app.residents.service.contracts import end_of_dead
from tenants.api import PLATFORM


def _blockers(whose: Whose) -> Iterable[Blocker]:
    yield from (Blocker("open_family_contract", known) for known in _running(whose.person))
    with unit(whose.scope) as reading:
        children = reading.all(
            reading.select(Represented).where(Represented.kind == Kind.GUARDIAN, Represented.state == State.ACTIVE)
        )
    for child in children:
        if _is_alone(child, whose.person):
            yield Blocker("sole_guardian", PublicId(REPRESENTED_ID, whose.scope, child.id))


def _is_alone(child: Represented, guardian: uuid.UUID) -> bool:
    with unit(Scope.for_person(child.represented_id)) as reading:
        others = reading.select(Representation).where(
            Representation.kind == Kind.GUARDIAN, Representation.state == State.ACTIVE,
            Representation.actor_id != guardian,
        )  # fmt: skip
        return reading.first(others) is None


def _erase(whose: Whose) -> None:
    _stop_acting(whose.person, EndReason.ACCOUNT_ERASED)
    _forget_exports(whose)
    with unit(whose.scope) as reading:
        known = resident(reading)
        number = known.number_digest if known else None
        cards = [card.digest for card in bound_cards(reading)]
    if number:
        _free(IdentityNumber, number, whose.person)
    for digest in cards:
        _free(Card, digest, whose.person)


def _call_off(person: uuid.UUID, by: Caller) -> None:
    """Who died acts for nobody: a child's other guardian is its only one, and no word of the dead is waited for. Nor is
    a team their family doctor, which would read of them until the contract's term is over.
    """
    _stop_acting(person, EndReason.ACTOR_DIED, by)
    for known in _running(person):
        with suppress(WrongState):  # it ended meanwhile
            end_of_dead(person, known, by)


def _running(person: uuid.UUID) -> list[PublicId]:
    """The contracts with family doctors that the person asked for or has, by their own list."""
    with unit(Scope.for_person(person)) as reading:
        today, rows = local_date(reading.now), reading.all(reading.select(PersonContract))
    return [
        PublicId(CONTRACT_ID, Scope.for_tenant(row.tenant), row.id)
        for row in rows
        if present_state(ContractState(row.state), row.ends_on, today) in RUNNING
    ]


def _stop_acting(person: uuid.UUID, reason: EndReason, by: Caller = SYSTEM) -> None:
    """Nobody is left for whom the account may act."""
    with unit(Scope.for_person(person)) as reading:
        kept = reading.all(reading.select(Represented).where(Represented.state.in_(OPEN)))
    for row in kept:
        run(Scope.for_person(row.represented_id), partial(_end, id=row.id, reason=reason), by)


def _end(opened: Unit, id: uuid.UUID, reason: EndReason) -> None:
    row = opened.get(Representation, id, lock=True)
    if row is not None:
        end(opened, row, reason)


def _forget_exports(whose: Whose) -> None:
    """The blob first: a row that is left is met again, a blob without one never."""
    tenant = PLATFORM.require_tenant()
    own = Scope.for_tenant(tenant, as_resident=whose.person)
    with unit(own) as reading:
        rows = reading.all(reading.select(DataExport))
    for row in rows:
        for address in row.addresses:
            blobs().remove(tenant, address)
    mine = (DataExport.tenant_id == tenant, DataExport.resident_id == whose.person)
    run(own, lambda opened: opened.execute(delete(DataExport).where(*mine)))


def _free(model: type[Reserved], key: str, person: uuid.UUID) -> None:
    """The value is nobody's any more, where it was that person's."""
    mine = (model.key == key, model.person_id == person)
    run(Scope.for_key(model.__tablename__, key), lambda opened: opened.execute(delete(model).where(*mine)))


CLOSING = Closing(
    erased=frozenset(
        {
            "residents",
            "person_cards",
            "allergies",
            "person_contracts",
            "person_corrections",
            "cards",
            "identity_numbers",
            "data_exports",
            "consents",
            "claim_permits",
            "person_refusal_marks",
        }
    ),
    kept={
        "family_contracts": Rule.CONTRACT,
        "corrections": Rule.MEDICAL_RECORD,
        "accesses": Rule.PROCESSING,
        "account_cases": Rule.PROCESSING,
        "representations": Rule.PROCESSING,
        "represented": Rule.PROCESSING,
        "civil_papers": Rule.PROCESSING,
        "death_records": Rule.PROCESSING,
        "erasures": Rule.PROCESSING,
        "retentions": Rule.PROCESSING,
        "person_journal": Rule.JOURNAL,
        "person_journal_checkpoints": Rule.JOURNAL,
        "person_journal_heads": Rule.JOURNAL,
        "person_journal_pending": Rule.JOURNAL,
        "journal": Rule.JOURNAL,
        "journal_pending": Rule.JOURNAL,
        "deliveries": Rule.PASSING,
        "care_looks": Rule.PASSING,
        "looks": Rule.PASSING,
        "person_idempotency_keys": Rule.PASSING,
        "person_relay_inbox": Rule.PASSING,
        "person_relays": Rule.PASSING,
    },
    blockers=_blockers,
    erase=_erase,
    call_off=_call_off,
)
