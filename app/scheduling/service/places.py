"""Taking and returning the places of a slot: two statements, and nothing else ever writes `taken`."""

import uuid
from typing import Any

from sqlalchemy import Update, update

from app.core.unit import Unit
from app.scheduling.models import Slot


def take(unit: Unit, slot_id: uuid.UUID, shift_version: int) -> bool:
    """Take a place while there is one and the shift is still as it was seen; the slot's row stays locked."""
    change = _change(unit, slot_id).where(Slot.taken < Slot.capacity, Slot.shift_version == shift_version)
    taken = change.values(taken=Slot.taken + 1).returning(Slot.id)
    return unit.session.execute(taken, execution_options={"synchronize_session": False}).first() is not None


def give_back(unit: Unit, slot_id: uuid.UUID) -> None:
    """Return a place; the appointment that held it is locked and leaves the states that hold one."""
    change: Any = _change(unit, slot_id).values(taken=Slot.taken - 1)
    unit.session.execute(change, execution_options={"synchronize_session": False})


def _change(unit: Unit, slot_id: uuid.UUID) -> Update:
    return update(Slot).where(Slot.tenant_id == unit.scope.require_tenant(), Slot.id == slot_id)
