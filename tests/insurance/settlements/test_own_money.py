"""Supplies that their resident pays alone: paid once, or back again, in whatever order things happen."""

import pytest

from prescriptions.rules.orders import OrderEvent
from tests.core.journal.scenes import rows
from tests.insurance.scenes import Insured, World
from tests.insurance.settlements.settlement_scenes import LINES, TOTAL, Pharmacy, asked, confirmed, read
from tests.platform import new_tenant


def order_of(world: World, chemist: Pharmacy) -> tuple[Insured, str]:
    """A resident and a supply of theirs."""
    who = world.resident()
    return who, chemist.order(who, new_tenant())


def test_a_supply_is_shown_paid_and_settled(world: World, chemist: Pharmacy) -> None:
    who, order = order_of(world, chemist)
    trial = asked(who, order)
    assert (trial["state"], trial["payer"], trial["total"], trial["to_pay"]) == ("trial", "self", TOTAL, TOTAL)
    assert (trial["fund"], trial["account"], trial["cash"], trial["expected_return"]) == (0, 0, TOTAL, 0)
    assert [(line["name"], line["amount"], line["cash"]) for line in trial["lines"]] == [
        (line.name, line.amount, line.amount) for line in LINES
    ]
    paying = confirmed(who, trial)
    assert (paying["state"], paying["claim"]) == ("paying", None)
    bill = who.actor.do("GET", f"/bills/{paying['bill']}")
    assert (bill["total"], [line["name"] for line in bill["lines"]]) == (TOTAL, ["药品费"])
    assert chemist.order_now(order).settled_by is None
    chemist.pay(paying["bill"])
    world.settle(chemist.scope)
    assert read(who, trial)["state"] == "committed"
    assert chemist.order_now(order).settled_by == trial["id"]
    assert (chemist.refunds(), chemist.kept()) == ([], TOTAL)
    chemist.hands_over(order)
    world.settle(chemist.scope)
    assert read(who, trial)["claim"] is None
    assert chemist.books()["income"] == -TOTAL


@pytest.mark.parametrize("event", [OrderEvent.REVOKED, OrderEvent.EXPIRED])
@pytest.mark.parametrize("at", ["trial", "paying", "paid", "heard", "committed"])
def test_an_order_that_ends_gives_everything_back(world: World, chemist: Pharmacy, at: str, event: OrderEvent) -> None:
    who, order = order_of(world, chemist)
    settlement = asked(who, order)
    if at != "trial":
        settlement = confirmed(who, settlement)
    if at in ("paid", "heard", "committed"):
        chemist.pay(settlement["bill"])
    if at == "committed":
        world.settle(chemist.scope)
    chemist.ends(order, event)
    world.settle(chemist.scope)
    if at == "heard":
        chemist.refunds_arrive()
        world.settle(chemist.scope)
        assert read(who, settlement)["refunded"]
    now = read(who, settlement)
    assert now["state"] == ("reversed" if at == "committed" else "canceled")
    assert now["reason"] in (str(event), "order_ended" if event is OrderEvent.REVOKED else "order_expired")
    assert chemist.refunds() == ([] if at in ("trial", "paying") else [TOTAL])
    assert chemist.kept() == 0
    chemist.books()


def test_an_ended_order_is_not_paid_for_again(world: World, chemist: Pharmacy) -> None:
    """It was settled, and ended before it was handed over: whoever asks hears of its end, and no bill is opened."""
    who, order = order_of(world, chemist)
    paying = confirmed(who, asked(who, order))
    chemist.pay(paying["bill"])
    world.settle(chemist.scope)
    assert who.actor.refused(409, "POST", "/settlements", {"subject": order}) == "order_settled"
    chemist.ends(order)
    wish = {"subject": order}
    assert who.actor.refused(409, "POST", "/settlements", wish) == "order_ended"
    world.settle(chemist.scope)
    assert read(who, paying)["state"] == "reversed"
    assert who.actor.refused(409, "POST", "/settlements", wish) == "order_ended"
    assert (chemist.refunds(), chemist.kept()) == ([TOTAL], 0)


def test_giving_up_while_a_payment_is_under_way(world: World, chemist: Pharmacy) -> None:
    who, order = order_of(world, chemist)
    paying = confirmed(who, asked(who, order))
    row = chemist.settlement(paying["id"])
    assert row.bill_id
    payment = chemist.begin_payment(row.bill_id)
    canceled = who.actor.do("POST", f"/settlements/{paying['id']}/cancellation")
    assert (canceled["state"], canceled["reason"]) == ("canceled", "by_resident")
    assert who.actor.refused(409, "POST", f"/settlements/{paying['id']}/cancellation") == "settlement_state"
    again = asked(who, order)
    chemist.payment_succeeds(row.bill_id, payment)
    world.settle(chemist.scope)
    assert (read(who, paying)["state"], chemist.refunds(), chemist.kept()) == ("canceled", [TOTAL], 0)
    paying = confirmed(who, again)
    chemist.pay(paying["bill"])
    world.settle(chemist.scope)
    assert (read(who, again)["state"], chemist.kept()) == ("committed", TOTAL)
    chemist.books()


def test_one_live_settlement_of_a_supply(world: World, chemist: Pharmacy) -> None:
    who, order = order_of(world, chemist)
    wish = {"subject": order, "coverage": None}
    first = who.actor.do("POST", "/settlements", wish, Idempotency_Key="one")
    assert who.actor.do("POST", "/settlements", wish, Idempotency_Key="one") == first
    assert who.actor.refused(409, "POST", "/settlements", wish, Idempotency_Key="two") == "settlement_exists"
    other = {"subject": chemist.order(who, new_tenant())}
    code = who.actor.refused(422, "POST", "/settlements", other, Idempotency_Key="one")
    assert (code, len(chemist.rows(type(chemist.settlement(first["id"]))))) == ("idempotency_key_reused", 1)


def test_a_key_whose_time_is_over_is_free_but_stands_for_a_settlement_that_lives(
    world: World, chemist: Pharmacy
) -> None:
    def ask(order: str) -> str:
        return str(who.actor.do("POST", "/settlements", {"subject": order}, Idempotency_Key="one")["id"])

    def a_day_later() -> None:
        for table, column in {"settlements": "created_at", "idempotency_keys": "due_at"}.items():
            earlier = f"SET {column} = {column} - interval '25 hours' WHERE tenant_id = %s"
            rows(world.platform, f"UPDATE {table} {earlier}", chemist.number)

    who, order = order_of(world, chemist)
    first, other = ask(order), chemist.order(who, new_tenant())
    a_day_later()
    assert ask(order) == first, "it lives"
    a_day_later()
    second = ask(other)
    assert second not in (first, order) and ask(other) == second
    who.actor.do("POST", f"/settlements/{second}/cancellation")
    assert ask(other) == second, "the answer is kept for a day"
    a_day_later()
    assert ask(other) not in (first, second)


def test_what_was_shown_is_what_is_confirmed(world: World, chemist: Pharmacy) -> None:
    who, order = order_of(world, chemist)
    trial = asked(who, order)
    path = f"/settlements/{trial['id']}/confirmation"
    assert who.actor.refused(428, "POST", path, {}) == "if_match_required"
    assert who.actor.refused(412, "POST", path, {}, If_Match='"7"') == "stale_version"
    chemist.ends(order)
    assert who.actor.refused(409, "POST", path, {}, If_Match='"1"') == "order_ended"
    told = who.actor.ask("POST", "/settlements", {"subject": order}).json
    assert told and (told["code"], told["detail"]) == ("order_ended", "the order is revoked (by_resident)")


def test_nobody_reaches_what_is_not_theirs(world: World, chemist: Pharmacy) -> None:
    who, order = order_of(world, chemist)
    stranger = world.resident()
    assert stranger.actor.refused(404, "POST", "/settlements", {"subject": order}) == "not_found"
    trial = asked(who, order)
    for method, path in (("GET", ""), ("POST", "/cancellation")):
        assert stranger.actor.refused(404, method, f"/settlements/{trial['id']}{path}") == "not_found"
    path = f"/settlements/{trial['id']}/confirmation"
    assert stranger.actor.refused(404, "POST", path, {}, If_Match='"1"') == "not_found"
    assert chemist.clerk.refused(403, "GET", f"/settlements/{trial['id']}")
    assert who.actor.refused(422, "POST", "/settlements", {"subject": trial["id"]})
