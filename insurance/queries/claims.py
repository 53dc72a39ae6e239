"""Reads of claims and cases. Who of the staff, or which client, reads what is clinical leaves a mark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.renamed import stored
from app.core.scope import Scope
from app.core.unit import Caller, unit
from app.edge.paging import Keyset, Page
from insurance.ids import case_id, claim_id
from insurance.models import Claim, ClaimCase, Coverage
from insurance.names import CLAIM_PURPOSE
from insurance.purposes import claims_payment, decides
from insurance.rules.adjudication import Policy, Used
from insurance.service.content import Content, content_of, decision_of
from insurance.service.coverages import policy_of, used_of
from insurance.service.sealing import number_of
from tenants.api import look

Asked = Mapping[str, Any]
_CLAIMS = Keyset("claims", (Claim.id,), descending=True)
_CASES = Keyset("claim_cases", (ClaimCase.id,))


@dataclass(frozen=True)
class ClaimDetail:
    """A claim with what was supplied."""

    row: Claim
    content: Content = field(repr=False)

    @property
    def version(self) -> int:
        """The claim's."""
        return self.row.version


@dataclass(frozen=True)
class Terms:
    """By what a member is covered."""

    plan_code: str
    policy: Policy


@dataclass(frozen=True)
class CaseDetail:
    """A case with everything that a decision needs."""

    row: ClaimCase
    content: Content = field(repr=False)
    member_number: str = field(repr=False)
    plan: Terms
    used: Used
    decision: Mapping[str, Any] | None = field(repr=False)

    @property
    def version(self) -> int:
        """The case's, which a decision about it names."""
        return self.row.version


def claims_of(scope: Scope, asked: Asked) -> Page[Claim]:
    """The provider's claims, newest first, perhaps of one state; nothing clinical."""
    with unit(scope) as reading:
        query = reading.select(Claim)
        if asked["state"]:
            query = query.where(Claim.state.in_(stored(Claim.state, asked["state"])))
        return _CLAIMS.page(reading, query, asked)


def claim_of(known: PublicId, by: Caller) -> ClaimDetail:
    """A claim with what was supplied; raises NotFound, also where no purpose holds any more."""
    with unit(known.scope, by) as reading:
        row = reading.first(reading.select(Claim).where(Claim.id == known.id, claims_payment(reading)))
        if row is None:
            raise NotFound
        look(reading, row.resident_id, CLAIM_PURPOSE, claim_id(row))
        return ClaimDetail(row, content_of(reading, row))


def cases_of(scope: Scope, asked: Asked) -> Page[ClaimCase]:
    """The insurer's cases, oldest first, perhaps of one state; nothing clinical."""
    with unit(scope) as reading:
        query = reading.select(ClaimCase)
        if asked["state"]:
            query = query.where(ClaimCase.state == asked["state"])
        return _CASES.page(reading, query, asked)


def case_of(known: PublicId, by: Caller) -> CaseDetail:
    """A case with everything that a decision needs; raises NotFound, also where no purpose holds any more."""
    with unit(known.scope, by) as reading:
        row = reading.first(reading.select(ClaimCase).where(ClaimCase.id == known.id, decides(reading)))
        coverage = reading.get(Coverage, row.coverage_id) if row else None
        if row is None or coverage is None:
            raise NotFound
        look(reading, row.resident_id, CLAIM_PURPOSE, case_id(row))
        return CaseDetail(
            row, content_of(reading, row), number_of(reading, coverage),
            Terms(coverage.plan_code, policy_of(coverage)), used_of(reading, coverage.id, row.service_date.year),
            decision_of(reading, row),
        )  # fmt: skip
