"""What others may know of a tenant, and whether a pharmacy may sell medicines to people at a distance now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from tenants.models import DirectoryEntry, Profile
from tenants.papers import read
from tenants.rules import Capability, Kind, capabilities
from tenants.service.profiles import papers_of, tenant_id
from tenants.states import TenantState


@dataclass(frozen=True)
class Published:
    """What the directory says of a tenant."""

    id: PublicId
    name: str
    kind: Kind
    parent: int | None
    """The tenant of which it is a part."""
    sells: bool
    """Whether it may sell medicines online on the day for which it was asked."""


def published(unit: Unit, tenants: Collection[int], on: date) -> Mapping[int, Published]:
    """What the directory says of `tenants` for the local date `on`, by number; those that it does not know are absent.

    Works in every scope. The directory follows by relay: who lets a tenant act asks that tenant itself.
    """
    query = select(DirectoryEntry).where(DirectoryEntry.tenant.in_(tenants))
    return {entry.tenant: _published(entry, on) for entry in unit.session.scalars(query)}


def may_sell_online(unit: Unit, on: date) -> bool:
    """Whether the unit's tenant may sell medicines online on the local date `on`; works with a resident bound.

    Source: 药品网络销售监督管理办法 2022 (a supply license, and the sale online reported).
    """
    active = unit.first(unit.select(Profile).where(Profile.state == TenantState.ACTIVE)) is not None
    return active and Capability.SELL_ONLINE in capabilities(papers_of(unit), on)


def _published(entry: DirectoryEntry, on: date) -> Published:
    holds = capabilities([read(license) for license in entry.licenses], on)
    sells = entry.state == TenantState.ACTIVE and Capability.SELL_ONLINE in holds
    id = tenant_id(Scope.for_tenant(entry.tenant), entry.profile_id)
    return Published(id, entry.name, Kind(entry.kind), entry.parent, sells)
