"""Reads of the residents slice; lists come in pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import func

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.journal.models import PersonEntry
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.api import OWN_ENTRIES, OWN_TYPES
from app.residents.models import FamilyContract, PersonCard, PersonContract
from app.residents.names import CONTRACT_ID
from app.residents.purposes import cares
from app.residents.rules.contracts import ContractState, present_state
from app.residents.service.cards import ShownCard, shown_card
from app.residents.service.seen import Seen, seen

Asked = Mapping[str, Any]
_CARDS = Keyset("person_cards", (PersonCard.id,))
_OWN_CONTRACTS = Keyset("person_contracts", (PersonContract.id,), descending=True)
_CONTRACTS = Keyset("family_contracts", (FamilyContract.id,))
_JOURNAL = Keyset("person_journal", (PersonEntry.seq,))
Row = TypeVar("Row")
Made = TypeVar("Made")


@dataclass(frozen=True)
class OwnContract:
    """A contract as its resident finds it among their own, in the state that it has today."""

    id: PublicId
    team_name: str
    package: str
    term_years: int
    state: ContractState
    reason: str | None
    starts_on: date | None
    ends_on: date | None
    requested_at: datetime
    version: int


@dataclass(frozen=True)
class OwnEntry:
    """What was done about a person: when, by whom, to what."""

    seq: int
    type: str
    at: datetime
    actor: str
    subject: str


def cards(scope: Scope, asked: Asked) -> Page[ShownCard]:
    """The cards that are and were bound to the person of `scope`, oldest first."""
    with unit(scope) as reading:
        return _each(_CARDS.page(reading, reading.select(PersonCard), asked), lambda row: shown_card(reading, row))


def own_contracts(scope: Scope, asked: Asked) -> Page[OwnContract]:
    """The contracts of the person of `scope`, newest first."""
    with unit(scope) as reading:
        page = _OWN_CONTRACTS.page(reading, reading.select(PersonContract), asked)
        return _each(page, lambda row: _own_contract(row, local_date(reading.now)))


def contracts(scope: Scope, asked: Asked) -> Page[Seen]:
    """The contracts that the team of `scope` may read now, oldest first; those stored in an asked state."""
    with unit(scope) as reading:
        query = reading.select(FamilyContract).where(cares(reading))
        if asked["state"]:
            query = query.where(FamilyContract.state == asked["state"])
        return _each(_CONTRACTS.page(reading, query, asked), lambda row: seen(reading, row))


def journal(scope: Scope, asked: Asked, *, alone: bool) -> Page[OwnEntry]:
    """What was done about the person of `scope`, in the order of their chain.

    Where they do not read it `alone`, but somebody who acts for them, what is theirs alone is left out (`OWN_ENTRIES`,
    `OWN_TYPES`).
    """
    with unit(scope) as reading:
        query = reading.select(PersonEntry)
        if not alone:
            word = func.split_part(PersonEntry.type, ".", 1)
            query = query.where(word.not_in(OWN_ENTRIES), PersonEntry.type.not_in(OWN_TYPES))
        return _each(_JOURNAL.page(reading, query, asked), _own_entry)


def _own_contract(row: PersonContract, today: date) -> OwnContract:
    return OwnContract(
        PublicId(CONTRACT_ID, Scope.for_tenant(row.tenant), row.id), row.team_name, row.package, row.term_years,
        present_state(ContractState(row.state), row.ends_on, today), row.reason, row.starts_on, row.ends_on,
        row.requested_at, row.source_version,
    )  # fmt: skip


def _own_entry(row: PersonEntry) -> OwnEntry:
    return OwnEntry(row.seq, row.type, row.at, orjson.loads(row.text)["actor"], row.subject)


def _each(page: Page[Row], make: Callable[[Row], Made]) -> Page[Made]:
    return Page([make(row) for row in page.data], page.next_cursor)
