"""The decision about a claim case. Pure: the case as the platform shows it in, the decision as it wants it out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from deploy.sandbox.benefits import Line, Share, Terms, shares

Json = dict[str, Any]


def decide(case: Json) -> Json:
    """What this insurer grants of each line, by the case's own policy and what the person used of the year so far."""
    plan, used = case["plan"], case["used"]
    policy = plan["policy"]
    covered = policy["rate_bp"].get(case["kind"])
    terms = Terms(
        rate_bp=covered or 0,
        pre_self_bp={} if covered is None else policy["pre_self_bp"],
        deductible_left=max(0, policy["deductible"] - used["deductible"]),
        ceiling_left=None if policy["ceiling"] is None else policy["ceiling"] - used["fund"],
    )
    lines = [Line(line["sequence"], line["category"], line["amount"]) for line in case["lines"]]
    decided = shares(lines, terms)
    billed, fund = sum(line.amount for line in lines), sum(share.fund for share in decided)
    return {
        "claim_version": case["claim_version"],
        "decision_seq": case["decision_seq"] + 1,
        "policy_version": plan["policy_version"],
        "outcome": _outcome(decided),
        "lines": [{**asdict(share), "reason": _reason(share)} for share in decided],
        "totals": {"billed": billed, "fund": fund, "personal": billed - fund},
    }


def key_of(case: Json, decision: Json) -> str:
    """The Idempotency-Key: it follows from case, version and decision, so that a repeated one is known as the same."""
    exact = json.dumps(decision, sort_keys=True).encode()
    return f"decision-{case['id']}-{case['version']}-{hashlib.sha256(exact).hexdigest()[:16]}"


def _outcome(decided: list[Share]) -> str:
    if all(_reason(share) == "not_covered" for share in decided):
        return "denied"
    return "approved" if all(_reason(share) == "covered" for share in decided) else "partial"


def _reason(share: Share) -> str:
    if share.full_self:
        return "not_covered"
    return "over_ceiling" if share.over_cap else "covered"
