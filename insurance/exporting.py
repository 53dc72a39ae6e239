"""What insurance contributes to the export of everything about a person: coverages, settlements and their claims."""

from typing import Any

from app.edge.exporting import Contribution, Whose, every, rendered, rows_within
from insurance.ids import settlement_id
from insurance.models import Claim, ClaimCase, Settlement
from insurance.models.coverages import PersonCoverage
from insurance.queries.coverages import own_coverages
from insurance.schemas.claims import ClaimCaseOut, ClaimOut
from insurance.schemas.coverages import OwnCoverageOut
from insurance.schemas.settlements import SettlementOut
from insurance.service.showing import settlement_of


def _settlements(whose: Whose) -> list[Any]:
    ids = (settlement_id(row) for _, row in rows_within(whose, Settlement))
    return rendered(SettlementOut, (settlement_of(whose.person, known, whose.by) for known in ids))


CONTRIBUTION = Contribution(
    parts={
        "coverages": lambda whose: rendered(OwnCoverageOut, every(lambda asked: own_coverages(whose.scope, asked))),
        "settlements": _settlements,
        "claims": lambda whose: rendered(ClaimOut, (row for _, row in rows_within(whose, Claim))),
        "claim_cases": lambda whose: rendered(ClaimCaseOut, (row for _, row in rows_within(whose, ClaimCase))),
    },
    tables=frozenset({"person_coverages", "settlements", "claims", "claim_cases"}),
    names=(PersonCoverage.insurer,),
)
