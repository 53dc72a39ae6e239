"""What a tenant is now: its profile, its valid licenses, whether it may act."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import BindParameter, Table, and_, bindparam, or_, select

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.questions import OWNER, Asks, Question
from app.core.scope import Scope, ScopeKind
from app.core.unit import Unit, unit
from tenants.models import DirectoryEntry, License, Profile
from tenants.names import TENANT_ID
from tenants.papers import of_row, read
from tenants.rules import PARTS, SUBJECTS_NAMED, Paper
from tenants.states import LicenseState, TenantState


def profile_of(unit: Unit, *, lock: bool = False) -> Profile:
    """The profile of the unit's tenant; with `lock`, held until the unit ends. Raises NotFound where none was opened.

    Its row is the one lock of a tenant: under it licenses follow one another, staff comes and goes, and endpoints are
    counted. Whoever locks a row of those takes that one first.
    """
    query = unit.select(Profile)
    locking = query.with_for_update().execution_options(populate_existing=True)
    profile = unit.first(locking if lock else query)
    if profile is None:
        raise NotFound
    return profile


def organization_name(scope: Scope) -> str:
    """How the tenant of `scope` is called. Raises NotFound where none was opened."""
    with unit(scope) as reading:
        return profile_of(reading).name


@dataclass(frozen=True)
class Standing:
    """What of a tenant's profile decides whether it may act."""

    state: str
    kind: str
    parent: int | None


PROFILES = cast(Table, Profile.__table__)
STANDING = (PROFILES.c.state, PROFILES.c.kind, PROFILES.c.parent)
"""The columns that make a `Standing`, in its order."""
_OWNER: BindParameter[Any] = bindparam(OWNER)
_WHOLES = cast(Table, DirectoryEntry.__table__)
_SUSPENDED = TenantState.SUSPENDED.value
_IS_PART = and_(PROFILES.c.parent.is_not(None), or_(*(PROFILES.c.kind == kind.value for kind in sorted(PARTS))))
MAY_ACT = ~(
    select(PROFILES.c.id)
    .select_from(PROFILES)
    .outerjoin(_WHOLES, _WHOLES.c.tenant == PROFILES.c.parent)
    .where(PROFILES.c.tenant_id == _OWNER)
    .where(
        or_(
            PROFILES.c.state == _SUSPENDED,
            and_(_IS_PART, or_(_WHOLES.c.state.is_(None), _WHOLES.c.state == _SUSPENDED)),
        )
    )
    .exists()
)
"""People and systems of a tenant may act: neither it is suspended nor, as the directory knows it, what it is a part of.

A condition and no function, so that it is asked with what else every request asks, in one statement.
"""
_MAY_ACT = Question(ScopeKind.TENANT, select(MAY_ACT))


def may_act(reading: Asks) -> bool:
    """Whether people and systems of the tenant may act now; in a unit it works with a resident bound."""
    found = reading.ask(_MAY_ACT, {})
    return found is not None and bool(found[0])


def is_part(standing: Standing) -> bool:
    """Whether the tenant works under another one's license besides its own, as a team does under its clinic's."""
    return standing.parent is not None and standing.kind in PARTS


def whole_of(unit: Unit, standing: Standing) -> DirectoryEntry | None:
    """What the directory says of the tenant that this one is a part of; None where it says nothing."""
    return unit.session.get(DirectoryEntry, standing.parent)


def is_suspended(entry: DirectoryEntry | None) -> bool:
    """Whether a tenant of the directory may not act; who is not in it may not either."""
    return entry is None or entry.state == TenantState.SUSPENDED


def papers_published(entry: DirectoryEntry) -> list[Paper]:
    """The valid licenses that the directory shows of a tenant, as values that rules take."""
    return [read(license) for license in entry.licenses]


def valid_licenses(unit: Unit) -> list[License]:
    """The licenses that the operator approved and neither replaced nor revoked; their last day may be over."""
    valid = unit.select(License).where(License.state == LicenseState.VALID)
    return unit.all(valid.order_by(License.kind, License.number))


def papers_of(unit: Unit) -> list[Paper]:
    """The same as values that rules take."""
    return [of_row(row) for row in valid_licenses(unit)]


@dataclass(frozen=True)
class Institution:
    """Who answers for care: the tenant's name, and the number of the license under which it gives it."""

    name: str
    license_number: str


def responsible_institution(unit: Unit, on: date) -> Institution:
    """Who answers for care that the unit's tenant gives on the local date `on`; works with a resident bound.

    Where no license holds on that day, the one that ended last. Raises NotFound where there never was one.
    """
    papers = [paper for paper in papers_of(unit) if paper.kind in SUBJECTS_NAMED]
    if not papers:
        raise NotFound
    latest = max(papers, key=lambda paper: (paper.holds(on), paper.valid_until))
    return Institution(profile_of(unit).name, latest.number)


def tenant_id(scope: Scope, profile: uuid.UUID) -> PublicId:
    """A tenant's public id."""
    return PublicId(TENANT_ID, scope, profile)
