"""The insurer's system as a program, against a stand-in of the platform."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.demo.partners import Insurer
from deploy.demo.steps import until
from tests.sandbox.standin import CLIENT, Call, Json, Problem, StandIn

POLICY = {
    "policy_version": "nb-2026-1", "deductible": 10000, "rate_bp": {"visit": 7000, "medicine": 8000},
    "ceiling": None, "pre_self_bp": {"A": 0, "B": 1000},
}  # fmt: skip
BILL = [("A", 12000), ("B", 10000), ("C", 3333)]
PARTS = ("full_self", "pre_self", "deductible", "fund", "copay", "over_cap")


class Desk(StandIn):
    """The platform with the claim cases of one insurer."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: dict[str, Json] = {}
        self.changing = 0
        """How often a case changes just before a decision about it arrives."""
        self.routes += [
            ("GET", r"/claim-cases/(\w+)", lambda found, _: self.cases[found[1]]),
            ("POST", r"/claim-cases/(\w+)/decisions", self._decided),
        ]

    def submit(self, bill: list[tuple[str, int]] = BILL, kind: str = "medicine", **policy: Any) -> Json:
        """A claim for `bill` under `POLICY` with changes; the event of it."""
        case = f"ccs_{secrets.token_hex(6)}"
        self.cases[case] = {
            "id": case, "state": "open", "claim": f"clm_{case}", "claim_version": 1, "provider": "ten_1",
            "kind": kind, "billed": sum(amount for _, amount in bill), "decision": None, "fund": 0,
            "decision_seq": 0, "version": 3,
            "lines": [{"sequence": at, "category": c, "amount": a} for at, (c, a) in enumerate(bill, 1)],
            "plan": {"code": "P1", "policy_version": "nb-2026-1", "policy": {**POLICY, **policy}},
            "used": {"deductible": 0, "fund": 0},
        }  # fmt: skip
        return self.event("claim.submitted", case)

    def settle(self, case: str) -> Json:
        """What was prepaid too much is back."""
        self.cases[case]["state"] = "settled"
        return self.event("claim.settled", case)

    def _decided(self, found: re.Match[str], call: Call) -> Json:
        case, body = self.cases[found[1]], call.body
        if self.changing:
            self.changing -= 1
            case["version"] += 1
            case["used"] = {"deductible": 10000, "fund": 0}
        if call.if_match != f'"{case["version"]}"':
            raise Problem(412, "stale_version")
        if case["state"] != "open" or body["claim_version"] != case["claim_version"]:
            raise Problem(409, "stale_decision")
        if case.get("unwanted"):
            raise Problem(422, "another_currency")
        billed = {line["sequence"]: line["amount"] for line in case["lines"]}
        if {line["sequence"]: sum(line[part] for part in PARTS) for line in body["lines"]} != billed:
            raise Problem(422, "parts_sum")
        fund, sequence = body["totals"]["fund"], body["decision_seq"]
        case.update(state="decided", version=case["version"] + 1, decision=body, fund=fund, decision_seq=sequence)
        return case


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as made:
        yield made


@pytest.fixture(scope="module")
def running(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insurer]:
    made = Insurer.start(desk.url, CLIENT, tmp_path_factory.mktemp("insurer"))
    yield made
    made.process.stop()


@pytest.fixture
def insurer(running: Insurer) -> Insurer:
    running.manner()
    return running


def decided(desk: Desk, insurer: Insurer, event: Json) -> Json:
    """The decision that the platform took, once the system is done with the event."""
    assert desk.deliver(event) == 200
    assert insurer.after(event["id"])["state"] == "done"
    made: Json = desk.cases[event["subject"]]["decision"]
    assert insurer.decisions()[event["subject"]]["totals"] == made["totals"]
    return made


def test_a_claim_is_decided_to_the_fen(desk: Desk, insurer: Insurer) -> None:
    made = decided(desk, insurer, desk.submit())
    assert made["totals"] == {"billed": 25333, "fund": 8800, "personal": 16533}
    assert [(line["fund"], line["copay"], line["deductible"]) for line in made["lines"]] == [
        (5029, 1257, 5714), (3771, 943, 4286), (0, 0, 0),
    ]  # fmt: skip
    assert [line["reason"] for line in made["lines"]] == ["covered", "covered", "not_covered"]
    assert (made["outcome"], made["decision_seq"], made["policy_version"]) == ("partial", 1, "nb-2026-1")


@pytest.mark.parametrize(
    ("bill", "kind", "policy", "outcome", "fund"),
    [
        ([("A", 20000)], "medicine", {}, "approved", 8000),
        ([("A", 20000)], "visit", {}, "approved", 7000),
        ([("A", 100)], "medicine", {}, "approved", 0),
        ([("A", 20000)], "medicine", {"ceiling": 5000}, "partial", 5000),
        ([("C", 20000)], "medicine", {}, "denied", 0),
        ([("A", 20000)], "visit", {"rate_bp": {"medicine": 8000}}, "denied", 0),
        ([("A", 20000)], "medicine", {"pre_self_bp": {"A": 10000}}, "denied", 0),
    ],
)
def test_outcomes(
    desk: Desk, insurer: Insurer, bill: list[tuple[str, int]], kind: str, policy: Json, outcome: str, fund: int
) -> None:
    made = decided(desk, insurer, desk.submit(bill, kind, **policy))
    assert (made["outcome"], made["totals"]["fund"]) == (outcome, fund)


def test_a_claim_is_decided_once_however_often_it_is_heard(desk: Desk, insurer: Insurer) -> None:
    event = desk.submit()
    for _ in range(3):
        assert desk.deliver(event) == 200
    decided(desk, insurer, event)
    assert len(desk.made(f"{event['subject']}/decisions")) == 1
    assert insurer.after(event["id"])["arrivals"] >= 4


@pytest.mark.parametrize("fault", [None, 500, 503, 409])
def test_a_decision_that_may_succeed_later_is_sent_again_under_its_key(
    desk: Desk, insurer: Insurer, fault: int | None
) -> None:
    desk.failing = [("/decisions", fault)] * 2
    event = desk.submit()
    decided(desk, insurer, event)
    assert desk.failing == []
    (made,) = desk.made(f"{event['subject']}/decisions")
    assert made.key.startswith(f"decision-{event['subject']}-3-")
    assert made.if_match == '"3"'


def test_what_could_not_be_told_for_long_is_told_later(desk: Desk, insurer: Insurer) -> None:
    desk.failing = [("/decisions", 503)] * 4
    event = desk.submit()
    desk.deliver(event)
    until(lambda: not desk.failing, "the last failure")
    assert insurer.after(event["id"])["state"] == "done"
    assert len(desk.made(f"{event['subject']}/decisions")) == 1


def test_a_case_that_changed_is_read_and_decided_anew(desk: Desk, insurer: Insurer) -> None:
    desk.changing = 1
    event = desk.submit([("A", 20000)])
    assert decided(desk, insurer, event)["totals"]["fund"] == 16000
    tries = desk.made(f"{event['subject']}/decisions")
    assert [call.if_match for call in tries] == ['"3"', '"4"']
    assert len({call.key for call in tries}) == 2


def test_a_decision_that_stays_refused_is_shown_and_holds_nobody_up(desk: Desk, insurer: Insurer) -> None:
    event, other = desk.submit(), desk.submit()
    desk.cases[event["subject"]]["unwanted"] = True
    desk.deliver(event)
    decided(desk, insurer, other)
    assert insurer.after(event["id"])["state"] == "failed"
    assert "another_currency" in insurer.after(event["id"])["note"]
    assert event["subject"] not in insurer.decisions()


def test_a_case_that_was_born_decided_is_left_alone_and_booked(desk: Desk, insurer: Insurer) -> None:
    event = desk.submit()
    desk.cases[event["subject"]].update(state="decided", decision={"fund": 7000, "account": 500}, fund=7000)
    desk.deliver(event)
    assert insurer.after(event["id"])["note"] == "was decided already"
    settled = desk.settle(event["subject"])
    desk.deliver(settled)
    assert insurer.after(settled["id"])["note"] == "booked"
    assert insurer.settled()[event["subject"]]["fund"] == 7000


def test_what_was_settled_is_booked_once(desk: Desk, insurer: Insurer) -> None:
    event = desk.submit()
    decided(desk, insurer, event)
    settled = desk.settle(event["subject"])
    for _ in range(2):
        assert desk.deliver(settled) == 200
    assert insurer.after(settled["id"])["note"] == "booked"
    booked = [one for one in insurer.ask("")["settled"] if one["claim_case"] == event["subject"]]
    assert [(one["billed"], one["fund"], one["provider"]) for one in booked] == [(25333, 8800, "ten_1")]


def test_a_settlement_of_another_amount_is_noticed(desk: Desk, insurer: Insurer) -> None:
    event = desk.submit()
    decided(desk, insurer, event)
    desk.cases[event["subject"]]["fund"] = 1
    settled = desk.settle(event["subject"])
    desk.deliver(settled)
    assert insurer.after(settled["id"])["note"] == "booked, but it is not what was decided"


def test_what_was_missed_while_down_is_taken_from_the_feed(desk: Desk, insurer: Insurer) -> None:
    insurer.manner(delay_ms=30_000)
    heard, missed = desk.submit(), [desk.submit() for _ in range(4)]
    assert desk.deliver(heard) == 200
    insurer.process.kill()
    insurer.restart()
    for event in (heard, *missed):
        assert insurer.after(event["id"])["state"] == "done"
        assert desk.deliver(event) == 200
        assert len(desk.made(f"{event['subject']}/decisions")) == 1
