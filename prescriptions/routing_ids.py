"""Public ids of routing, made from rows, and who looks for an order."""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.models.routing import Choice, Product, Quote, RoutingOrder
from prescriptions.names import CHOICE_ID, ORDER_ID, PRODUCT_ID, QUOTE_ID
from prescriptions.purposes import is_supplied
from tenants.api import Viewer


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


@dataclass(frozen=True)
class OrderViewer(Viewer):
    """Who asks for an order: a resident as themself, or somebody of the pharmacy, its systems too."""

    def order(self, unit: Unit, known: PublicId, *, lock: bool = False) -> RoutingOrder:
        """The order as they may see it; raises NotFound."""
        found = unit.get(RoutingOrder, known.id, lock=lock)
        if found is None:
            raise NotFound
        return found

    def readable(self, unit: Unit, known: PublicId) -> RoutingOrder:
        """The order as they may read it: the pharmacy while that serves a purpose.

        Raises NotFound, and Forbidden `purpose_ended` for the pharmacy's people and systems.
        """
        if not self.of_tenant:
            return self.order(unit, known)
        found = unit.first(unit.select(RoutingOrder).where(RoutingOrder.id == known.id, is_supplied(unit)))
        if found is not None:
            return found
        asked = select(RoutingOrder.id).where(
            RoutingOrder.tenant_id == unit.scope.require_tenant(), RoutingOrder.id == known.id
        )
        if unit.session.scalars(asked).first() is None:
            raise NotFound
        raise Forbidden("it was handed over long ago", code="purpose_ended")
