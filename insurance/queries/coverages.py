"""Reads of plans, members and coverages."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from insurance.models.coverages import Member, PersonCoverage, Plan
from insurance.purposes import insures
from insurance.service.members import SeenMember, seen
from insurance.service.requesting import OwnCoverage, shown

Asked = Mapping[str, Any]
_PLANS = Keyset("plans", (Plan.id,))
_MEMBERS = Keyset("members", (Member.id,))
_OWN = Keyset("own_coverages", (PersonCoverage.id,), descending=True)


def plans_of(scope: Scope, asked: Asked) -> Page[Plan]:
    """The insurer's plans, oldest first."""
    with unit(scope) as reading:
        return _PLANS.page(reading, reading.select(Plan), asked)


def members_of(scope: Scope, asked: Asked) -> Page[SeenMember]:
    """The members that the insurer may read now, oldest first; those of a plan, where one is asked for."""
    with unit(scope) as reading:
        query = reading.select(Member).where(insures(reading))
        if asked["plan"] is not None:
            query = query.where(Member.plan_id == _own(asked["plan"], scope))
        page = _MEMBERS.page(reading, query, asked)
        return Page([seen(reading, row) for row in page.data], page.next_cursor)


def own_coverages(scope: Scope, asked: Asked) -> Page[OwnCoverage]:
    """What the person of `scope` has and asked for of coverages, newest first."""
    with unit(scope) as reading:
        page = _OWN.page(reading, reading.select(PersonCoverage), asked)
        return Page([shown(reading, row) for row in page.data], page.next_cursor)


def own_coverage(scope: Scope, known: PublicId) -> OwnCoverage:
    """One of them; raises NotFound."""
    with unit(scope) as reading:
        row = reading.get(PersonCoverage, known.id)
        if row is None or row.insurer != known.scope.tenant:
            raise NotFound
        return shown(reading, row)


def _own(known: PublicId, scope: Scope) -> Any:
    if known.scope.tenant != scope.tenant:
        raise NotFound
    return known.id
