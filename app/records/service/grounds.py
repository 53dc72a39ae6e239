"""On what ground somebody reads what others keep of a resident: something open between the two, in the reader's tenant.

The ground alone opens nothing but in an emergency: the resident's consent is asked for beside it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.unit import Unit, unit
from app.records.models import EmergencyAccess
from app.records.rules.emergencies import State
from app.records.service.emergencies import emergency_id, refuse_unfit
from app.residents.api import ConsentPurpose, Reader, resident_of_contract
from app.visits.api import resident_of_taken
from insurance.api import resident_of_case
from tenants.api import Viewer, profile_of

Find = Callable[[Unit], uuid.UUID | None]


@dataclass(frozen=True)
class Ground:
    """Who may read of whom, given a consent for one of `purposes`; in an emergency without one."""

    resident: uuid.UUID
    reader: Reader
    purposes: frozenset[ConsentPurpose] = frozenset()
    emergency: PublicId | None = None


def by_visit(viewer: Viewer, known: PublicId) -> Ground:
    """A visit that the doctor has taken and that is open; raises NotFound for any other."""
    purposes = frozenset({ConsentPurpose.TREATMENT, ConsentPurpose.HOSPITAL_GROUP})
    return _ground(viewer, purposes, lambda reading: resident_of_taken(reading, known.id, viewer.staff_id))


def by_contract(viewer: Viewer, known: PublicId) -> Ground:
    """A family-doctor contract of the team that runs today; raises NotFound for any other."""
    purposes = frozenset({ConsentPurpose.FAMILY_DOCTOR})
    return _ground(viewer, purposes, lambda reading: resident_of_contract(reading, known.id))


def by_case(viewer: Viewer, known: PublicId) -> Ground:
    """A claim case of the insurer that is not decided; raises NotFound for any other."""
    purposes = frozenset({ConsentPurpose.INSURANCE_CLAIM})
    return _ground(viewer, purposes, lambda reading: resident_of_case(reading, known.id))


def by_emergency(viewer: Viewer, known: PublicId) -> Ground:
    """An emergency access of the doctor's that is open at this instant; raises NotFound for any other.

    Raises WrongState where doctor or site may not treat anybody any more.
    """
    with unit(viewer.scope, viewer.by) as reading:
        mine = (EmergencyAccess.id == known.id, EmergencyAccess.staff_id == viewer.staff_id)
        is_open = (EmergencyAccess.state == State.OPEN, EmergencyAccess.ends_at > reading.now)
        row = reading.first(reading.select(EmergencyAccess).where(*mine, *is_open))
        if row is None:
            raise NotFound
        refuse_unfit(reading, row.staff_id)
    return Ground(row.resident_id, Reader(viewer.scope.require_tenant()), emergency=emergency_id(row))


def _ground(viewer: Viewer, purposes: frozenset[ConsentPurpose], find: Find) -> Ground:
    with unit(viewer.scope, viewer.by) as reading:
        resident = find(reading)
        if resident is None:
            raise NotFound
        whole = profile_of(reading).parent
    return Ground(resident, Reader(viewer.scope.require_tenant(), whole), purposes)
