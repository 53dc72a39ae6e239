"""Public ids of this slice, made from rows, and who looks for them."""

from dataclasses import dataclass

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.visits.models import Visit, VisitPicture
from app.visits.names import PICTURE_ID, VISIT_ID
from tenants.api import Viewer


def visit_public_id(visit: Visit) -> PublicId:
    """A visit's public id."""
    return PublicId(VISIT_ID, Scope.for_tenant(visit.tenant_id), visit.id)


def picture_public_id(picture: VisitPicture) -> PublicId:
    """A picture's public id."""
    return PublicId(PICTURE_ID, Scope.for_tenant(picture.tenant_id), picture.id)


@dataclass(frozen=True)
class VisitViewer(Viewer):
    """Who asks for a visit: a resident as themself, or a member of a tenant's staff."""

    def visit(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Visit:
        """The visit as they may see it; raises NotFound, and Forbidden for staff that is not its doctor."""
        found = unit.get(Visit, known.id, lock=lock)
        if found is None or (not self.of_tenant and found.resident_id != self.scope.person):
            raise NotFound
        if self.of_tenant and found.doctor_id != self.staff_id:
            raise Forbidden("only the doctor who was chosen can do this")
        return found
