"""Reads of closing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.closing import KEPT, Blocker
from app.edge.paging import Keyset, Page
from app.identity.api import locale_of
from app.residents.closing.models import DeathRecord
from app.residents.closing.service import deaths
from app.residents.closing.service.deaths import SeenDeath
from app.residents.closing.service.ends import blockers
from app.residents.closing.service.erasing import TERMS, SeenErasure, latest
from app.residents.rules.access_words import CHINESE

_DEATHS = Keyset("death_records", (DeathRecord.id,), descending=True)


@dataclass(frozen=True)
class Kept:
    """What is kept by one rule, in one language."""

    rule: str
    what: str
    law: str
    term: str


@dataclass(frozen=True)
class ErasureTerms:
    """What erasing an account means now."""

    terms: str
    wish: SeenErasure | None
    blockers: list[Blocker]
    kept: list[Kept]


def terms_for(person: uuid.UUID, language: str | None) -> ErasureTerms:
    """What erasing the account of `person` means, in their own language where none is asked for."""
    with unit(Scope.for_person(person)) as reading:
        spoken = language or locale_of(reading) or CHINESE
    which = 0 if spoken == CHINESE else 1
    kept = [Kept(rule.value, one.what[which], one.law, one.term[which]) for rule, one in KEPT.items()]
    return ErasureTerms(TERMS, latest(person), blockers(person), kept)


def recorded(scope: Scope, asked: Mapping[str, Any]) -> Page[SeenDeath]:
    """The deaths of the platform `scope`, newest first."""
    with unit(scope) as reading:
        page = _DEATHS.page(reading, reading.select(DeathRecord), asked)
        return Page([deaths.seen(reading, row) for row in page.data], page.next_cursor)
