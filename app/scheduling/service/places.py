"""Taking and returning the places of a slot: two statements, and nothing else ever writes `taken`."""

import uuid
from typing import cast

from sqlalchemy import Table, bindparam, update

from app.core.unit import Unit
from app.scheduling.models import Slot

_SLOTS = cast(Table, Slot.__table__)
_CHANGE = update(_SLOTS).where(_SLOTS.c.tenant_id == bindparam("owner"), _SLOTS.c.id == bindparam("of_id"))
_TAKE = (
    _CHANGE.where(_SLOTS.c.taken < _SLOTS.c.capacity, _SLOTS.c.shift_version == bindparam("seen"))
    .values(taken=_SLOTS.c.taken + 1)
    .returning(_SLOTS.c.id)
)
_GIVE_BACK = _CHANGE.values(taken=_SLOTS.c.taken - 1)


def take(unit: Unit, slot_id: uuid.UUID, shift_version: int) -> bool:
    """Take a place while there is one and the shift is still as it was seen; the slot's row stays locked."""
    asked = {"owner": unit.scope.require_tenant(), "of_id": slot_id, "seen": shift_version}
    return unit.execute(_TAKE, asked).first() is not None


def give_back(unit: Unit, slot_id: uuid.UUID) -> None:
    """Return a place; the appointment that held it is locked and leaves the states that hold one."""
    unit.execute(_GIVE_BACK, {"owner": unit.scope.require_tenant(), "of_id": slot_id})
