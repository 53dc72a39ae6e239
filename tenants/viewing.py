"""Who looks for something that a tenant keeps about residents."""

import uuid
from dataclasses import dataclass

from app.core.errors import Forbidden, NotFound
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.core.unit import Caller
from tenants.names import STAFF_ID


@dataclass(frozen=True)
class Viewer:
    """Who asks: a resident as themself, or somebody of a tenant, its systems too."""

    scope: Scope
    by: Caller

    @property
    def of_tenant(self) -> bool:
        """Whether somebody of a tenant asks."""
        return self.scope.tenant is not None

    def at(self, known: PublicId) -> Scope:
        """The scope in which they may look for `known`; raises NotFound where they may nowhere."""
        tenant = known.scope.tenant
        if tenant is None or (self.of_tenant and tenant != self.scope.tenant):
            raise NotFound
        return self.scope if self.of_tenant else Scope.for_tenant(tenant, as_resident=self.scope.require_person())

    @property
    def staff_id(self) -> uuid.UUID:
        """The affiliation that acts; raises Forbidden for a system of the tenant."""
        return staff_in(self.by.actor)

    @property
    def member(self) -> str:
        """The member of the staff who acts, as entries name them; raises Forbidden for a system of the tenant."""
        return f"staff:{PublicId(STAFF_ID, self.scope, self.staff_id)}"


def staff_in(actor: str) -> uuid.UUID:
    """The affiliation that an entry names as who acted; raises Forbidden where it is a system of the tenant."""
    kind, _, name = actor.partition(":")
    try:
        return PublicId.parse(name, STAFF_ID).id
    except MalformedId:
        raise Forbidden(f"a {kind} cannot do this") from None
