"""A scheme that gives no answer for long, or lies: operators see it, by its number and without health data."""

import re
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.core.ids import PublicId
from app.core.unit import Unit, run
from app.payments.api import LARGEST
from deploy.demo.partners import Scheme
from insurance.models import Settlement
from insurance.rules.reversals import PATIENCE
from insurance.service.driving import drive_due
from prescriptions.order_content import SupplyLine
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.liars import KEY, Liar
from tests.insurance.settlements.scheme_scenes import (
    CASH,
    SchemeMember,
    at_scheme,
    confirmed_supply,
    paid,
    scheme_member,
)
from tests.insurance.settlements.settlement_scenes import LINES, TOTAL, Pharmacy, asked, confirmed, found, read
from tests.platform import new_tenant

ALARMED = 7


def put_off(world: World) -> int:
    """The operators' figure of settlements that their scheme does not answer."""
    text = world.app.test_client().get("/metrics").text
    (value,) = re.findall(r'^questions_put_off\{table="settlements"\} (\S+)$', text, re.MULTILINE)
    return int(float(value))


def driven(chemist: Pharmacy, times: int) -> list[dict[str, Any]]:
    """What the log says of so many tries of the worker's."""
    with capture_logs() as logs:
        for _ in range(times):
            chemist.drive()
    return [dict(line) for line in logs if line["event"] == "settlement_unanswered"]


@pytest.mark.parametrize("asking", ["committing", "reversing"])
def test_a_settlement_without_an_answer_is_an_alarm(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, asking: str
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    if asking == "reversing":
        chemist.drive()
        chemist.ends(order)
        world.settle(chemist.scope)
    before = put_off(world)
    scheme.faults(drop_before=99)
    quiet = driven(chemist, ALARMED - 1)
    assert ({line["log_level"] for line in quiet}, put_off(world)) == ({"warning"}, before)
    loud = driven(chemist, 1)
    assert [(line["log_level"], line["settlement"], line["state"], line["tries"]) for line in loud] == [
        ("error", paying["id"], asking, ALARMED)
    ]
    for secret in (member.number, member.who.name, "86900001000011", "氨氯地平", "I10"):
        assert secret not in repr(quiet + loud)
    assert put_off(world) == before + 1
    scheme.faults()
    assert driven(chemist, 1) == []
    ended = {"committing": "committed", "reversing": "reversed"}[asking]
    assert (read(member.who, paying)["state"], put_off(world)) == (ended, before)
    chemist.books()


def asked_for(chemist: Pharmacy, id: str, time: timedelta) -> None:
    """The scheme has been asked for so much longer."""

    def earlier(opened: Unit) -> None:
        row = opened.get(Settlement, PublicId.parse(id, "stl").id, lock=True)
        assert row and row.asking_since
        row.asking_since -= time

    run(chemist.scope, earlier)


@pytest.mark.parametrize("lost", ["drop_before", "drop_after"])
def test_a_settlement_without_an_answer_for_a_day_lets_its_resident_go(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, lost: str
) -> None:
    """What was paid goes back at once; what the scheme settled after all is found and reversed without anybody's help,
    and nothing twice.
    """
    before = member.used()
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    scheme.faults(infno="2207", **{lost: 1})
    chemist.drive()
    scheme.faults(drop_before=99)
    asked_for(chemist, paying["id"], PATIENCE - timedelta(minutes=5))
    driven(chemist, 2)
    asked_for(chemist, paying["id"], timedelta(minutes=5))
    with capture_logs() as logs:
        chemist.drive()
        doubted = read(member.who, paying)
        assert (doubted["state"], doubted["reason"], chemist.refunds()) == ("reversing", "scheme_unavailable", [CASH])
        chemist.drive()
    told = [line["event"] for line in logs if line["event"].startswith("settlement_")]
    assert told == ["settlement_doubted", "settlement_unanswered", "settlement_given_up", "settlement_unanswered"]
    assert member.who.actor.refused(409, "POST", "/settlements", {"subject": order}) == "settlement_exists"
    scheme.faults()
    assert at_scheme(scheme, paying["id"]) == {"drop_before": "unknown", "drop_after": "settled"}[lost]
    chemist.drive()
    assert (read(member.who, paying)["state"], at_scheme(scheme, paying["id"])) == ("reversed", "reversed")
    assert (member.used(), chemist.kept(), chemist.refunds()) == (before, 0, [CASH])
    chemist.books()
    assert asked(member.who, order, None)["state"] == "trial", "another way is open"


def test_a_supply_that_ends_meanwhile_gives_a_silent_scheme_no_second_day(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)

    def of_before(opened: Unit) -> None:
        for row in opened.all(opened.select(Settlement).with_for_update()):
            row.asking_since = None  # the release before did not say

    run(chemist.scope, of_before)
    scheme.faults(drop_before=99)
    chemist.drive()
    asked_for(chemist, paying["id"], PATIENCE)
    chemist.ends(order)
    world.settle(chemist.scope)
    chemist.drive()
    now = chemist.settlement(paying["id"])
    assert (now.state, now.given_up_at is not None, chemist.refunds()) == ("reversing", True, [CASH])


def test_a_scheme_that_is_down_holds_up_no_other(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, liar: Liar
) -> None:
    """One pharmacy, two schemes: what waits for the silent one is due first."""
    other = world.insurer("public_scheme")
    institution = {"institution": f"I{chemist.number}", "key": KEY}
    chemist.administrator.do("POST", "/scheme-connections", {"insurer": other.id, "url": liar.url, **institution})
    stranger = world.resident()
    coverage = world.covered(stranger, other)
    liar.says(None, status=503)
    waiting = [asked(stranger, chemist.order(stranger, new_tenant()), coverage) for _ in range(2)]
    scheme.faults(drop_before=99)
    late = asked(member.who, chemist.order(member.who, new_tenant()), member.coverage)
    scheme.faults()
    chemist.drive()
    assert [read(stranger, one)["state"] for one in waiting] == ["asked", "asked"]
    assert read(member.who, late)["state"] == "trial"


def borne(liar: Liar, **wrong: Any) -> None:
    """The liar bears everything, and says so, or something wrong."""
    lines = [{"sequence": one.sequence, "fund": one.amount, "account": 0, "cash": 0} for one in LINES]
    split = {"total": TOTAL, "fund": TOTAL, "fund_parts": {"310100": TOTAL}, "account": 0, "cash": 0, "lines": lines}
    liar.says(split | {"settlement_id": "S1", "state": "settled"} | wrong)


@pytest.fixture
def shown(world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, liar: Liar) -> tuple[Insured, Any]:
    """Somebody's trial by a scheme that may lie."""
    body = {"insurer": insurer.id, "url": liar.url, "institution": "I1", "key": KEY}
    chemist.administrator.do("POST", "/scheme-connections", body)
    who = world.resident()
    coverage = world.covered(who, insurer)
    borne(liar)
    return who, asked(who, chemist.order(who, new_tenant()), coverage)


def test_a_scheme_that_refuses_to_reverse_is_asked_on_and_heard_of(
    world: World, chemist: Pharmacy, liar: Liar, shown: tuple[Insured, Any]
) -> None:
    who, trial = shown
    confirmed(who, trial, "any")
    assert read(who, trial)["state"] == "committed"
    chemist.ends(trial["subject"])
    world.settle(chemist.scope)
    liar.refuses("not_today")
    (line,) = driven(chemist, 1)
    assert (line["settlement"], line["state"], line["reason"]) == (trial["id"], "reversing", "not_today")
    liar.says({"reversed": True})
    assert (driven(chemist, 1), read(who, trial)["state"], chemist.kept()) == ([], "reversed", 0)
    chemist.books()


def test_a_scheme_that_lies_about_what_it_settled_is_not_believed(
    world: World, chemist: Pharmacy, liar: Liar, shown: tuple[Insured, Any]
) -> None:
    who, trial = shown
    borne(liar, fund=TOTAL + 1)
    confirmed(who, trial, "any")
    lines = driven(chemist, ALARMED)
    assert {line["settlement"] for line in lines} == {trial["id"]}
    assert [line["log_level"] for line in lines] == ["warning"] * (ALARMED - 2) + ["error"] * 2
    assert read(who, trial)["state"] == "committing"
    assert chemist.order_now(trial["subject"]).settled_by is None
    chemist.ends(trial["subject"])
    world.settle(chemist.scope)
    liar.says({"reversed": True})
    chemist.drive()
    assert (read(who, trial)["state"], chemist.kept()) == ("reversed", 0)
    chemist.books()


def test_what_cannot_be_read_is_put_off_and_holds_up_nothing(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, member: SchemeMember
) -> None:
    _, broken = confirmed_supply(chemist, member)
    paid(world, chemist, broken)
    other = scheme_member(world, scheme, insurer)
    _, whole = confirmed_supply(chemist, other)
    paid(world, chemist, whole)
    broken_id = chemist.settlement(broken["id"]).id

    def spoil(opened: Unit) -> None:
        row = opened.get(Settlement, broken_id, lock=True)
        assert row
        row.content = b"not what was sealed"

    run(chemist.scope, spoil)
    with capture_logs() as logs:
        assert drive_due(chemist.scope) == 2
        assert drive_due(chemist.scope) == 0, "it is not met again at once"
    (line,) = [line for line in logs if line["event"] == "settlement_not_driven"]
    assert (line["settlement"], line["scope"]) == (str(broken_id), str(chemist.scope))
    assert read(other.who, whole)["state"] == "committed"
    assert found(chemist.scope, Settlement, broken_id).tries == 1


DEAR = (SupplyLine(1, "86900009000099", "细胞治疗药品", "C", 1, LARGEST + 1),)


@pytest.mark.parametrize("payer", ["self", "commercial"])
def test_more_than_gateways_take_is_not_settled(world: World, chemist: Pharmacy, payer: str) -> None:
    who = world.resident()
    coverage = str(world.covered(who, world.insurer())) if payer == "commercial" else None
    wish = {"subject": chemist.order(who, new_tenant(), DEAR), "coverage": coverage}
    assert who.actor.refused(409, "POST", "/settlements", wish) == "amount_too_large"
    assert chemist.rows(Settlement) == []


def test_the_most_that_gateways_take_is_settled(world: World, chemist: Pharmacy) -> None:
    who = world.resident()
    lines = (SupplyLine(1, "86900009000099", "细胞治疗药品", "C", 1, LARGEST),)
    trial = asked(who, chemist.order(who, new_tenant(), lines))
    path, seen = f"/settlements/{trial['id']}/confirmation", f'"{trial["version"]}"'
    assert who.actor.do("POST", path, {}, If_Match=seen)["to_pay"] == LARGEST


def test_what_a_scheme_leaves_may_be_too_much(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    half = LARGEST // 10
    lines = tuple(SupplyLine(at, f"869000090000{at:02}", "细胞治疗药品", "C", 1, half) for at in range(1, 12))
    shown = asked(member.who, chemist.order(member.who, new_tenant(), lines), member.coverage)
    assert (shown["state"], shown["reason"]) == ("refused", "amount_too_large")
    assert at_scheme(scheme, shown["id"]) == "unknown"
