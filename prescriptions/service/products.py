"""What a pharmacy sells, at which price, and how much of it there is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.journal.record import Facts, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from prescriptions.models.routing import Product
from prescriptions.routing_ids import product_public_id
from prescriptions.rules.quotes import Offered


@dataclass(frozen=True)
class Told:
    """What a pharmacy's system tells of a medicine: price in fen for a pack, stock in packs."""

    medicine: str = field(repr=False)
    """The national code."""
    name: str = field(repr=False)
    price: int
    stock: int
    shippable: bool = False
    """Whether a courier may bring it."""


def tell(scope: Scope, told: Told, by: Caller, effect: Effect | None = None) -> Product:
    """Keep what is told of a medicine from now on; quotes and orders that were made keep theirs."""

    def work(opened: Unit) -> Product:
        product = _kept(opened, told)
        facts: Facts = {
            "medicine": product.code, "amount": product.price, "stock": product.stock, "shippable": told.shippable,
        }  # fmt: skip
        record(opened, "product.told", product_public_id(product), product.version, facts)
        return product

    return run(scope, work, by, effect=effect)


def offered(unit: Unit, codes: Collection[str]) -> Mapping[str, Offered]:
    """What the unit's pharmacy has of the medicines with those codes."""
    query = unit.select(Product).where(Product.code.in_(codes))
    return {row.code: Offered(row.price, row.stock, row.as_of, bool(row.shippable)) for row in unit.all(query)}


def _kept(opened: Unit, told: Told) -> Product:
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": new_id(), "code": told.medicine, "name": told.name,
        "price": told.price, "stock": told.stock, "as_of": opened.now, "shippable": told.shippable, "version": 1,
    }  # fmt: skip
    fresh = insert(Product).values(row)
    kept = fresh.on_conflict_do_update(
        index_elements=["tenant_id", "code"],
        set_={
            "name": fresh.excluded.name, "price": fresh.excluded.price, "stock": fresh.excluded.stock,
            "as_of": fresh.excluded.as_of, "shippable": fresh.excluded.shippable, "version": Product.version + 1,
        },
    )  # fmt: skip
    return opened.session.scalars(kept.returning(Product), execution_options={"populate_existing": True}).one()
