"""What a resident does not tolerate: stated and removed by themself, read by those who treat them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.seeing import Seeing
from app.core.unit import Caller, Effect, Unit, run
from app.edge.paging import Keyset, Page
from app.residents.allergy_models import Allergy
from app.residents.names import ALLERGY_ID
from app.residents.rules.allergies import MOST_ALLERGIES
from app.residents.service.reading import verified

STATED = "stated"
REMOVED = "removed"
_STATED = Keyset("stated_allergies", (Allergy.id,))
_ALLERGIES = Seeing(Allergy, Allergy.state == STATED, order=[Allergy.id])


@dataclass(frozen=True)
class StatedAllergy:
    """An allergy as its resident reads it."""

    id: PublicId
    group: str = field(repr=False)
    """The ATC code of the ingredients."""
    name: str = field(repr=False)
    state: str
    stated_at: datetime
    removed_at: datetime | None
    version: int


def state(person: uuid.UUID, group: str, name: str, by: Caller, effect: Effect | None = None) -> StatedAllergy:
    """Note that the verified resident does not tolerate `group`; noted already, it is answered again.

    Raises Forbidden `resident_unverified`, WrongState `too_many_allergies`.
    """

    def work(opened: Unit) -> StatedAllergy:
        verified(opened, lock=True)  # the resident's row is the lock under which their allergies are counted
        known = [shown(opened, row) for row in _stated(opened)]
        same = next((one for one in known if one.group == group), None)
        if same:
            return same
        if len(known) >= MOST_ALLERGIES:
            raise WrongState(f"a resident states at most {MOST_ALLERGIES} allergies", code="too_many_allergies")
        return _new(opened, group, name)

    return run(Scope.for_person(person), work, by, effect=effect)


def remove(known: PublicId, by: Caller, effect: Effect | None = None) -> StatedAllergy:
    """Take an allergy back, which was stated by mistake; removed already, it stays so. Raises NotFound."""

    def work(opened: Unit) -> StatedAllergy:
        row = opened.get(Allergy, known.id, lock=True)
        if row is None:
            raise NotFound
        if row.state == STATED:
            row.state, row.removed_at, row.version = REMOVED, opened.now, row.version + 1
            record(opened, "allergy.removed", known, row.version, {})
        return shown(opened, row)

    return run(known.scope, work, by, effect=effect)


def allergies(opened: Unit) -> frozenset[str]:
    """The ATC codes of what the unit's person does not tolerate. Who treats them has left a mark (`look_for_care`)."""
    return frozenset(shown(opened, row).group for row in _stated(opened))


def stated_allergies(opened: Unit, asked: Mapping[str, Any]) -> Page[StatedAllergy]:
    """What the unit's person does not tolerate, oldest first. Who reads it has left a mark (`look_at_shared`)."""
    page = _STATED.page(opened, opened.select(Allergy).where(Allergy.state == STATED), asked)
    return Page([shown(opened, row) for row in page.data], page.next_cursor)


def shown(opened: Unit, row: Allergy) -> StatedAllergy:
    """`row` as its resident reads it."""
    read: dict[str, Any] = orjson.loads(opened.cipher.open(row.content, _place(opened.scope, row.id)))
    return StatedAllergy(
        PublicId(ALLERGY_ID, opened.scope, row.id), read["group"], read["name"], row.state, row.stated_at,
        row.removed_at, row.version,
    )  # fmt: skip


def _stated(opened: Unit) -> list[Allergy]:
    return _ALLERGIES.all(opened)


def _new(opened: Unit, group: str, name: str) -> StatedAllergy:
    id = new_id()
    content = opened.cipher.seal(orjson.dumps({"group": group, "name": name}), _place(opened.scope, id))
    row = opened.add(Allergy(id=id, content=content, state=STATED, stated_at=opened.now, version=1))
    record(opened, "allergy.stated", PublicId(ALLERGY_ID, opened.scope, id), 1, {})
    return shown(opened, row)


def _place(scope: Scope, allergy_id: uuid.UUID) -> str:
    return f"{scope}/allergies/content/{allergy_id}"
