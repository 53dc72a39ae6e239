"""What settlements and claims ask of coverages, on both sides."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit
from insurance.models.coverages import BenefitCounters, Coverage, PersonCoverage
from insurance.names import COVERAGE_ID
from insurance.rules.adjudication import Policy, Used
from insurance.rules.coverages import PUBLIC_SCHEME, RequestState, covers
from insurance.service.sealing import own_number


@dataclass(frozen=True)
class Covered:
    """A coverage as its person has it."""

    id: PublicId
    insurer: int
    """The insurer's tenant number."""
    insurer_name: str
    payer_kind: str
    """`public_scheme` or `commercial`."""
    member_number: str = field(repr=False)
    plan_code: str
    policy: Policy
    state: str


def own_coverage(unit: Unit, coverage: PublicId, on: date) -> Covered:
    """The coverage of the unit's person by which they are covered on the local date `on`, perhaps ended since.

    Raises NotFound, and WrongState `coverage_not_active` where it does not cover that day.
    """
    row = unit.get(PersonCoverage, coverage.id)
    if row is None or row.insurer != coverage.scope.tenant:
        raise NotFound
    if not _covers(row, on):
        raise WrongState("this coverage does not hold on that day", code="coverage_not_active")
    return _covered(unit, row)


def best_coverage(unit: Unit, on: date) -> Covered | None:
    """The coverage that comes first for the unit's person on the local date `on`: a public scheme, then the oldest."""
    rows = [row for row in unit.all(unit.select(PersonCoverage)) if _covers(row, on)]
    best = min(rows, key=lambda row: (row.payer_kind != PUBLIC_SCHEME, row.id), default=None)
    return _covered(unit, best) if best else None


def locked_coverage(unit: Unit, coverage_id: uuid.UUID) -> Coverage:
    """The insurer's coverage, held until the unit ends; raises NotFound."""
    row = unit.get(Coverage, coverage_id, lock=True)
    if row is None:
        raise NotFound
    return row


def valid_on(coverage: Coverage, on: date) -> bool:
    """Whether `coverage` covers what was supplied on the local date `on`, even where it has ended since."""
    return covers(coverage.valid_from, coverage.valid_until, on)


def policy_of(coverage: Coverage) -> Policy:
    """What the coverage pays."""
    return Policy.read(coverage.policy)


def locked_counters(unit: Unit, coverage: Coverage, year: int) -> BenefitCounters:
    """The counters of the benefit year, made when missing, held until the unit ends. Tenant scope only."""
    policy = policy_of(coverage)
    row = {
        "tenant_id": unit.scope.require_tenant(), "id": new_id(), "coverage_id": coverage.id, "year": year,
        "deductible": policy.deductible, "ceiling": policy.ceiling, "deductible_used": 0, "fund_used": 0,
    }  # fmt: skip
    unit.session.execute(insert(BenefitCounters).values(row).on_conflict_do_nothing())
    query = unit.select(BenefitCounters).where(
        BenefitCounters.coverage_id == coverage.id, BenefitCounters.year == year
    )  # fmt: skip
    return unit.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def used_of(unit: Unit, coverage_id: uuid.UUID, year: int) -> Used:
    """What is used in the benefit year so far, without a lock: for trials and shows. Tenant scope only."""
    query = unit.select(BenefitCounters).where(
        BenefitCounters.coverage_id == coverage_id, BenefitCounters.year == year
    )  # fmt: skip
    row = unit.first(query)
    return Used(row.deductible_used, row.fund_used) if row else Used()


def _covers(row: PersonCoverage, on: date) -> bool:
    if row.state not in (RequestState.ACTIVE, RequestState.ENDED) or row.valid_from is None:
        return False
    return covers(row.valid_from, row.valid_until, on)


def _covered(unit: Unit, row: PersonCoverage) -> Covered:
    if row.payer_kind is None or row.plan_code is None or row.policy is None:
        raise LookupError("a coverage without its plan")
    return Covered(
        PublicId(COVERAGE_ID, Scope.for_tenant(row.insurer), row.id), row.insurer, row.insurer_name, row.payer_kind,
        own_number(unit, row), row.plan_code, Policy.read(row.policy), row.state,
    )  # fmt: skip
