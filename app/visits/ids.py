"""Public ids of this slice, made from rows, and who looks for them."""

from dataclasses import dataclass
from typing import NoReturn, cast

from sqlalchemy import Table, bindparam, or_, select

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.visits.models import Visit, VisitPicture
from app.visits.names import DUTY, PICTURE_ID, PURPOSE, VISIT_ID
from app.visits.purposes import AFTERCARE, INSPECTS, TREATS
from tenants.api import Viewer

_VISITS = cast(Table, Visit.__table__)
_READ = select(_VISITS, TREATS).where(_VISITS.c.tenant_id == bindparam("owner"), _VISITS.c.id == bindparam("of_id"))
_TREATED, _INSPECTED = _READ.where(TREATS), _READ.where(or_(TREATS, INSPECTS))
INSPECT = "visits.inspect"
"""What somebody may who reads visits for a duty of medical affairs."""
CONCLUDE = "visits.conclude"
"""What somebody may who ends visits that their doctors left open."""


def visit_public_id(visit: Visit) -> PublicId:
    """A visit's public id."""
    return PublicId(VISIT_ID, Scope.for_tenant(visit.tenant_id), visit.id)


def picture_public_id(picture: VisitPicture) -> PublicId:
    """A picture's public id."""
    return PublicId(PICTURE_ID, Scope.for_tenant(picture.tenant_id), picture.id)


@dataclass(frozen=True)
class Seen:
    """A visit that was found, not to be changed, and the purpose for which staff may read it."""

    visit: Visit
    purpose: str


@dataclass(frozen=True)
class VisitViewer(Viewer):
    """Who asks for a visit: a resident as themself, or a member of a tenant's staff."""

    inspector: bool = False
    """Whether they may read visits for a duty of medical affairs."""

    def visit(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Visit:
        """The visit that they may change: its resident's, its doctor's; raises NotFound, Forbidden for other staff."""
        mine = Visit.doctor_id == self.staff_id if self.of_tenant else Visit.resident_id == self.scope.person
        query = unit.select(Visit).where(Visit.id == known.id, mine)
        locking = query.with_for_update().execution_options(populate_existing=True)
        found = unit.first(locking if lock else query)
        if found is None:
            self._refuse(unit, known)
        return found

    def readable(self, unit: Unit, known: PublicId) -> Seen:
        """The visit as they may read it: the resident's own, or staff's for a purpose that holds now.

        Raises NotFound, and Forbidden for staff: `purpose_ended` where it was theirs to read.
        """
        if not self.of_tenant:
            return Seen(self.visit(unit, known), PURPOSE)
        asked = {
            "owner": unit.scope.require_tenant(), "of_id": known.id, "of_staff": self.staff_id,
            "ended_since": unit.now - AFTERCARE, "now": unit.now,
        }  # fmt: skip
        found = unit.execute(_INSPECTED if self.inspector else _TREATED, asked).first()
        if found is None:
            self._refuse(unit, known)
        *columns, treating = found
        return Seen(Visit(**dict(zip(_VISITS.c.keys(), columns, strict=True))), PURPOSE if treating else DUTY)

    def _refuse(self, unit: Unit, known: PublicId) -> NoReturn:
        """Say why the visit was not found, without reading it."""
        query = select(Visit.doctor_id).where(
            Visit.tenant_id == unit.scope.require_tenant(), Visit.id == known.id
        )  # fmt: skip
        doctor = unit.session.scalars(query).first() if self.of_tenant else None
        if doctor is None:
            raise NotFound
        if doctor == self.staff_id:
            raise Forbidden("nothing that is open hangs on it any more", code="purpose_ended")
        raise Forbidden("only the doctor who was chosen can do this")
