"""Public ids of routing, made from rows, and who looks for an order."""

import uuid
from dataclasses import dataclass

from app.core.errors import Forbidden, NotFound
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from prescriptions.models.routing import Choice, Product, Quote, RoutingOrder
from prescriptions.names import CHOICE_ID, ORDER_ID, PRODUCT_ID, QUOTE_ID
from tenants.api import STAFF_ID


def product_public_id(product: Product) -> PublicId:
    """A product's public id."""
    return PublicId(PRODUCT_ID, Scope.for_tenant(product.tenant_id), product.id)


def quote_public_id(quote: Quote) -> PublicId:
    """A quote's public id."""
    return PublicId(QUOTE_ID, Scope.for_tenant(quote.tenant_id), quote.id)


def quote_of_choice(choice: Choice) -> PublicId:
    """The public id of the quote that was chosen, in the pharmacy's tenant."""
    return PublicId(QUOTE_ID, Scope.for_tenant(choice.pharmacy), choice.id)


def choice_public_id(choice: Choice) -> PublicId:
    """A choice's public id, by which entries name it."""
    return PublicId(CHOICE_ID, Scope.for_tenant(choice.tenant_id), choice.id)


def routing_order_public_id(order: RoutingOrder) -> PublicId:
    """An order's public id."""
    return PublicId(ORDER_ID, Scope.for_tenant(order.tenant_id), order.id)


def staff_in(actor: str) -> uuid.UUID:
    """The affiliation that an entry names as who acted; raises Forbidden where it is a system of the tenant."""
    kind, _, name = actor.partition(":")
    try:
        return PublicId.parse(name, STAFF_ID).id
    except MalformedId:
        raise Forbidden(f"a {kind} cannot do this") from None


@dataclass(frozen=True)
class OrderViewer:
    """Who asks for an order: a resident as themself, or somebody of the pharmacy, its systems too."""

    scope: Scope
    by: Caller

    @property
    def is_pharmacy(self) -> bool:
        """Whether somebody of a tenant asks."""
        return self.scope.tenant is not None

    def at(self, known: PublicId) -> Scope:
        """The scope in which they may look for `known`; raises NotFound where they may nowhere."""
        tenant = known.scope.tenant
        if tenant is None or (self.is_pharmacy and tenant != self.scope.tenant):
            raise NotFound
        return self.scope if self.is_pharmacy else Scope.for_tenant(tenant, as_resident=self.scope.require_person())

    def order(self, unit: Unit, known: PublicId, *, lock: bool = False) -> RoutingOrder:
        """The order as they may see it; raises NotFound."""
        found = unit.get(RoutingOrder, known.id, lock=lock)
        if found is None:
            raise NotFound
        return found

    @property
    def staff_id(self) -> uuid.UUID:
        """The affiliation that acts; raises Forbidden for a system of the tenant."""
        return staff_in(self.by.actor)

    @property
    def member(self) -> str:
        """The member of the staff who acts, as entries name them; raises Forbidden for a system of the tenant."""
        return f"staff:{PublicId(STAFF_ID, self.scope, self.staff_id)}"
