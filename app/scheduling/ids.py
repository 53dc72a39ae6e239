"""Public ids of this slice, made from rows and read from callers."""

import uuid

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.scheduling.models import Appointment, Shift
from app.scheduling.names import APPOINTMENT_ID, SHIFT_ID, SLOT_ID


def shift_public_id(shift: Shift) -> PublicId:
    """A shift's public id."""
    return PublicId(SHIFT_ID, Scope.for_tenant(shift.tenant_id), shift.id)


def slot_public_id(tenant: int, slot_id: uuid.UUID) -> PublicId:
    """A slot's public id."""
    return PublicId(SLOT_ID, Scope.for_tenant(tenant), slot_id)


def appointment_public_id(appointment: Appointment) -> PublicId:
    """An appointment's public id."""
    return PublicId(APPOINTMENT_ID, Scope.for_tenant(appointment.tenant_id), appointment.id)


def seen_by(caller: Scope, known: PublicId) -> Scope:
    """The scope in which `caller` may look for `known`, a thing of a tenant's.

    A person looks as a resident of that tenant, staff in their own tenant only; raises NotFound for everything else.
    """
    if known.scope.tenant is None:
        raise NotFound
    if caller.tenant is None:
        return Scope.for_tenant(known.scope.tenant, as_resident=caller.require_person())
    if caller.tenant != known.scope.tenant:
        raise NotFound
    return caller
