"""Numbers that a tenant gives out in turn, without gaps as far as units commit, and without a sequence."""

from typing import ClassVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ResidentView, TenantOwned
from app.core.unit import Unit


class Counter(Base):
    """The last number of a name in a tenant."""

    __tablename__ = "tenant_counters"
    placement = TenantOwned.placement
    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-20)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column()


def next_number(unit: Unit, name: str, first: int = 1) -> int:
    """The next number of `name`; holds the counter's row until the unit ends."""
    fresh = insert(Counter).values(tenant_id=unit.scope.require_tenant(), name=name, value=first)
    counted = fresh.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": Counter.value + 1})
    return int(unit.session.execute(counted.returning(Counter.value)).scalar_one())
