"""Whether a pharmacy ships, and what: free of charge, and nothing that it did not say may be shipped."""

from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from prescriptions.service.products import offered
from prescriptions.shipments.ids import terms_public_id
from prescriptions.shipments.models import ShippingTerms


def state(scope: Scope, ships: bool, by: Caller, effect: Effect | None = None) -> ShippingTerms:
    """Say whether the pharmacy brings orders to the door from now on; what was promised of an order stays so."""

    def work(opened: Unit) -> ShippingTerms:
        terms = _kept(opened, ships)
        record(opened, "shipping_terms.stated", terms_public_id(terms), terms.version, {"ships": terms.ships})
        return terms

    return run(scope, work, by, effect=effect)


def terms_of(scope: Scope) -> ShippingTerms:
    """What the pharmacy said last; who said nothing does not ship."""
    with unit(scope) as reading:
        return reading.first(reading.select(ShippingTerms)) or ShippingTerms(ships=False)


def may_ship(unit: Unit, medicines: Collection[str]) -> bool:
    """Whether the unit's pharmacy would bring all of these medicines (national codes) to the door."""
    terms = unit.first(unit.select(ShippingTerms))
    return terms is not None and terms.ships and all_shippable(unit, medicines)


def all_shippable(unit: Unit, medicines: Collection[str]) -> bool:
    """Whether there are any, and the unit's pharmacy says of each that it may be shipped."""
    known = offered(unit, medicines)
    return bool(medicines) and all(code in known and known[code].shippable for code in medicines)


def _kept(opened: Unit, ships: bool) -> ShippingTerms:
    fresh = insert(ShippingTerms).values(
        tenant_id=opened.scope.require_tenant(), id=new_id(), ships=ships, version=1
    )  # fmt: skip
    kept = fresh.on_conflict_do_update(
        index_elements=["tenant_id"], set_={"ships": fresh.excluded.ships, "version": ShippingTerms.version + 1}
    )
    found = kept.returning(ShippingTerms)
    return opened.session.scalars(found, execution_options={"populate_existing": True}).one()
