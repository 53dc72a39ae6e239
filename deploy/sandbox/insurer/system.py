"""What the insurer does when it hears of a claim."""

from __future__ import annotations

from typing import Any

from deploy.sandbox.insurer.deciding import decide, key_of
from deploy.sandbox.insurer.ledger import Ledger
from deploy.sandbox.integrator.platform import Refused, Unavailable
from deploy.sandbox.integrator.program import Desk

Json = dict[str, Any]
SUBMITTED, SETTLED = "claim.submitted", "claim.settled"
MOST_TRIES = 5
CHANGED = (409, 412, 422)
"""Answers after which the case is read again: it, or what the person used of the year, may have changed meanwhile."""


class Insurer:
    """The system of one insurer."""

    types = (SUBMITTED, SETTLED)

    def __init__(self, desk: Desk) -> None:
        self._platform = desk.platform
        self._ledger = Ledger(desk.book)

    def prepare(self) -> None:
        """There is nothing to publish."""

    def handle(self, event: Json) -> str:
        """Decide a claim, or book its settlement."""
        case_id = str(event["subject"])
        return self._decide(case_id) if event["type"] == SUBMITTED else self._book(case_id, event["timestamp"])

    def shown(self) -> Json:
        """The books."""
        return self._ledger.shown()

    def _decide(self, case_id: str) -> str:
        refused = ""
        for _ in range(MOST_TRIES):
            case = self._platform.call("GET", _path(case_id))
            if case["state"] != "open":
                return f"was {case['state']} already"
            decision = decide(case)
            key = key_of(case, decision)
            try:
                self._platform.call(
                    "POST", f"{_path(case_id)}/decisions", decision, key=key, version=case["version"]
                )  # fmt: skip
            except Refused as error:
                if error.status not in CHANGED or key == refused:
                    raise
                refused = key
            else:
                self._ledger.decided(case, decision)
                return str(decision["outcome"])
        raise Unavailable("the claim case changed at each try")

    def _book(self, case_id: str, heard: str) -> str:
        case = self._platform.call("GET", _path(case_id))
        return "booked" if self._ledger.settle(case, heard) else "booked, but it is not what was decided"


def _path(case_id: str) -> str:
    return f"/api/v1/claim-cases/{case_id}"
