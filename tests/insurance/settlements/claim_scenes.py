"""An insurer who decides cases, as its reviewer or its system does."""

from dataclasses import dataclass
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from insurance.models import BenefitCounters, ClaimCase
from insurance.rules.adjudication import Line, Policy, Used, adjudicate
from tests.insurance.scenes import Insured, Insurer, World
from tests.tenants.world import Actor


@dataclass(frozen=True)
class Reviewer:
    """Who decides at an insurer."""

    insurer: Insurer
    actor: Actor

    @property
    def scope(self) -> Scope:
        """The insurer's."""
        return self.insurer.scope

    def cases(self) -> list[ClaimCase]:
        """The insurer's cases, oldest first."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(ClaimCase).order_by(ClaimCase.id))

    def counters(self) -> tuple[int, int]:
        """Deductible and fund that are used, of all coverages."""
        with unit(self.scope) as reading:
            rows = reading.all(reading.select(BenefitCounters))
        return sum(row.deductible_used for row in rows), sum(row.fund_used for row in rows)

    def ids(self, state: str = "open") -> list[str]:
        """The cases of a state."""
        page = self.actor.do("GET", f"/claim-cases?state={state}")
        return [row["id"] for row in page["data"]]

    def fetch(self, case: str) -> dict[str, Any]:
        """A case with everything that a decision needs."""
        shown: dict[str, Any] = self.actor.do("GET", f"/claim-cases/{case}")
        return shown

    def decide(self, case: str, **more: Any) -> dict[str, Any]:
        """The case is decided by its policy."""
        shown = self.fetch(case)
        decided: dict[str, Any] = self.actor.do(
            "POST", f"/claim-cases/{case}/decisions", decision(shown) | more, If_Match=f'"{shown["version"]}"'
        )
        return decided


def reviewer(world: World, insurer: Insurer) -> Reviewer:
    """Somebody who decides."""
    return Reviewer(insurer, world.staff(insurer.scope, "claims_reviewer"))


def insured(world: World, insurer: Insurer, **more: Any) -> tuple[Insured, PublicId]:
    """A resident and the coverage that they have."""
    who = world.resident()
    return who, world.covered(who, insurer, **more)


def decision(shown: dict[str, Any]) -> dict[str, Any]:
    """What the policy says of a case, as an insurer's own program finds it."""
    policy = Policy.read(shown["plan"]["policy"])
    lines = [Line(line["sequence"], shown["kind"], line["category"], line["amount"]) for line in shown["lines"]]
    found = adjudicate(policy, lines, Used(**shown["used"]))
    outcome = "approved" if found.totals.personal == 0 else "partial" if found.totals.fund else "denied"
    return {
        "claim_version": shown["claim_version"], "decision_seq": 1,
        "policy_version": shown["plan"]["policy_version"], "outcome": outcome,
        "lines": [
            {
                "sequence": line.sequence, "fund": line.fund, "copay": line.copay, "deductible": line.deductible,
                "pre_self": line.pre_self, "full_self": line.full_self, "over_cap": line.over_cap, "reason": "C01",
            }
            for line in found.lines
        ],
        "totals": {
            "billed": found.totals.billed, "fund": found.totals.fund, "personal": found.totals.personal,
        },
    }  # fmt: skip


def denial(shown: dict[str, Any]) -> dict[str, Any]:
    """Nothing is granted."""
    lines = [{"sequence": line["sequence"], "full_self": line["amount"], "reason": "X10"} for line in shown["lines"]]
    totals = {"billed": shown["billed"], "fund": 0, "personal": shown["billed"]}
    return decision(shown) | {"outcome": "denied", "lines": lines, "totals": totals}
