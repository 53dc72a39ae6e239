"""Public ids of this slice, made from rows, and who looks for them."""

import uuid
from dataclasses import dataclass

from app.core.errors import Forbidden, NotFound
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from app.visits.models import Visit, VisitPicture
from app.visits.names import PICTURE_ID, VISIT_ID
from tenants.api import STAFF_ID


def visit_public_id(visit: Visit) -> PublicId:
    """A visit's public id."""
    return PublicId(VISIT_ID, Scope.for_tenant(visit.tenant_id), visit.id)


def picture_public_id(picture: VisitPicture) -> PublicId:
    """A picture's public id."""
    return PublicId(PICTURE_ID, Scope.for_tenant(picture.tenant_id), picture.id)


@dataclass(frozen=True)
class Viewer:
    """Who asks for a visit: a resident as themself, or a member of a tenant's staff."""

    scope: Scope
    by: Caller

    @property
    def is_staff(self) -> bool:
        """Whether a tenant's staff asks."""
        return self.scope.tenant is not None

    def at(self, known: PublicId) -> Scope:
        """The scope in which they may look for `known`; raises NotFound where they may nowhere."""
        tenant = known.scope.tenant
        if tenant is None or (self.is_staff and tenant != self.scope.tenant):
            raise NotFound
        return self.scope if self.is_staff else Scope.for_tenant(tenant, as_resident=self.scope.require_person())

    def visit(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Visit:
        """The visit as they may see it; raises NotFound, and Forbidden for staff that is not its doctor."""
        found = unit.get(Visit, known.id, lock=lock)
        if found is None or (not self.is_staff and found.resident_id != self.scope.person):
            raise NotFound
        if self.is_staff and found.doctor_id != self.staff_id:
            raise Forbidden("only the doctor who was chosen can do this")
        return found

    @property
    def staff_id(self) -> uuid.UUID:
        """The affiliation that acts; raises Forbidden for a client of the tenant."""
        kind, _, name = self.by.actor.partition(":")
        try:
            return PublicId.parse(name, STAFF_ID).id
        except MalformedId:
            raise Forbidden(f"a {kind} cannot do this") from None
