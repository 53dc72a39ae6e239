"""What a pharmacy tells of its products."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from prescriptions import order_queries
from prescriptions.models.routing import Product
from prescriptions.schemas.routing import ProductIn, ProductOut, ProductsQuery
from prescriptions.service import products

blueprint = Blueprint("products", __name__, description="What pharmacies sell")


@endpoint(blueprint, "POST", "/products", permission="products.manage", body=ProductIn, answer=ProductOut)
def tell(call: Call, body: products.Told) -> Product:
    """Tell price and stock of a medicine, by its national code: made anew, or changed where it is known."""
    return products.tell(Scope.for_tenant(call.tenant), body, call.by, call.effect)


@endpoint(blueprint, "GET", "/products", permission="products.manage", query=ProductsQuery, answer=page_of(ProductOut))
def every(call: Call, query: dict[str, Any]) -> Page[Product]:
    """What the pharmacy sells."""
    return order_queries.products_of(Scope.for_tenant(call.tenant), query)
