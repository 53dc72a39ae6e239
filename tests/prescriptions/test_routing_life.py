"""From the quotes to the hand-over: what each side sees, and every way in which an order ends."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import orjson
import pytest

from app.core.errors import InvalidInput, Problem, Refused
from app.core.ids import new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from prescriptions.models import Choice, PersonPrescription, Prescription
from prescriptions.names import ORDER_MOVED, ORDER_OFFER, ORDER_STOP, SUPPLY_ENDED, SUPPLY_FULFILLED
from prescriptions.order_timers import end_due
from prescriptions.rules.orders import DeclineReason, ReleaseReason
from prescriptions.rules.prescriptions import Event
from prescriptions.service import accepting, dispensing
from prescriptions.service.ending import stop
from prescriptions.slice import SLICE
from tests.core.journal.scenes import chain
from tests.platform import Platform
from tests.prescriptions.routing_scenes import (
    Shop,
    Town,
    Ward,
    chosen,
    costing,
    owner_of,
    payloads,
    quotes_over,
)


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def code_of(act: Callable[[], object]) -> str:
    """The code of the problem that `act` raises."""
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.code


def rule_of(act: Callable[[], object]) -> tuple[str, str]:
    """Pointer and rule of the one fault that `act` raises."""
    with pytest.raises(InvalidInput) as raised:
        act()
    return raised.value.faults[0].pointer, raised.value.faults[0].rule


def test_from_quotes_to_the_hand_over(town: Town) -> None:
    prescription, shop = town.offered(), town.shop
    assert (prescription.attempt, prescription.order_tenant) == (1, shop.number)
    assert (prescription.order_id, prescription.order_state) == (shop.order().id, "offered")
    assert accepting.accept(shop.system, shop.known).state == "accepted"
    checked = dispensing.check(shop.counter, shop.known)
    assert checked.check_signature and checked.check_signature["role"] == "checked"
    assert dispensing.prepare(shop.bench, shop.known).state == "preparing"
    assert dispensing.verify(shop.counter, shop.known).state == "prepared"
    assert code_of(shop.hand_over) == "order_not_settled"
    settlement = shop.settle()
    done = shop.hand_over()
    assert not isinstance(done, Refused) and (done.state, done.due_at) == ("fulfilled", None)
    town.settle(Scope.for_person(prescription.resident_id))
    after = town.ward.now(prescription)
    assert (after.state, after.order_state) == ("completed", "fulfilled")
    assert town.ward.choices(prescription) == ["fulfilled"]
    with unit(Scope.for_person(prescription.resident_id)) as reading:
        own = reading.get(PersonPrescription, prescription.id)
    assert own and (own.state, own.order_id, own.pharmacy_name) == ("completed", done.id, shop.name)
    (told,) = payloads(shop.scope, SUPPLY_FULFILLED)
    assert (told["settlement"], told["resident"]) == (str(settlement), str(prescription.resident_id))
    assert [line["amount"] for line in told["lines"]] == [2000, 1000] and told["total"] == 3000
    assert payloads(shop.scope, SUPPLY_ENDED) == []


def test_what_is_told_to_the_hospital_of_every_state(town: Town) -> None:
    town.prepared()
    town.shop.hand_over()
    town.settle()
    told = payloads(town.shop.scope, ORDER_MOVED)
    states = ["offered", "accepted", "checked", "preparing", "prepared", "fulfilled"]
    assert [one["state"] for one in told] == states
    assert [one["version"] for one in told] == [1, 2, 3, 4, 5, 7]  # the sixth is the settlement
    assert {one["order"] for one in told} == {str(town.shop.known)}


def test_a_decline_leads_to_the_next_choice_unasked(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(1000), Shop(1000)))
    prescription = town.offered()
    accepting.decline(town.shop.counter, town.shop.known, DeclineReason.OUT_OF_STOCK)
    town.settle()
    after = town.ward.now(prescription)
    assert (after.attempt, after.order_tenant, after.order_state) == (2, town.shops[1].number, "offered")
    assert town.ward.choices(prescription) == ["declined", "offered"]
    assert [shop.order().attempt for shop in town.shops] == [1, 2]
    assert [one["reason"] for one in payloads(town.shop.scope, SUPPLY_ENDED)] == ["out_of_stock"]


def why_ended(platform: Platform, town: Town, prescription: Prescription) -> tuple[str | None, ...]:
    """What says why the first order ended: its choice, the entry, and the prescription as its resident has it."""
    with unit(town.ward.scope) as reading:
        query = reading.select(Choice).where(Choice.prescription_id == prescription.id, Choice.rank == 1)
        choice = reading.first(query)
    with unit(Scope.for_person(prescription.resident_id)) as reading:
        own = reading.get(PersonPrescription, prescription.id)
    assert choice and own
    entries = [orjson.loads(row[4]) for row in chain(platform, town.ward.scope)]
    (ended,) = [one["facts"] for one in entries if one["type"] == "prescription.order_ended"]
    return choice.reason, ended["reason"], own.reason


def test_a_dearer_next_choice_waits_for_the_resident(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(1000), Shop(1001)))
    prescription = town.offered()
    accepting.decline(town.shop.counter, town.shop.known, DeclineReason.CLOSED)
    town.settle()
    after = town.ward.now(prescription)
    assert (after.state, after.waiting, after.order_tenant, after.attempt) == ("ready", "choice", None, 1)
    assert (after.reason, after.order_state, town.shops[1].orders()) == (None, None, [])
    assert why_ended(platform, town, prescription) == ("closed", "order_declined", None)
    chosen(prescription, town.shops[1])
    town.settle()
    again = town.ward.now(prescription)
    assert (again.waiting, again.attempt, again.order_state) == (None, 2, "offered")
    assert town.ward.choices(prescription) == ["declined", "offered", "dropped"]


def test_what_the_resident_pays_decides_who_follows(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(1000), Shop(2000)))
    cost = {town.shops[0].number: 500, town.shops[1].number: 400}
    with costing(lambda person, provider, kind, lines: cost[provider]):
        prescription = town.offered()
    accepting.decline(town.shop.counter, town.shop.known, DeclineReason.OTHER)
    town.settle()
    assert town.ward.now(prescription).order_tenant == town.shops[1].number


def test_nobody_answers_in_time(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop()))
    prescription = town.offered()
    assert end_due(town.shop.scope) == 0
    town.shop.time_is_up()
    assert code_of(partial(accepting.accept, town.shop.counter, town.shop.known)) == "offer_over"
    assert end_due(town.shop.scope) == 1
    town.settle()
    assert town.shop.order().state == "timed_out"
    assert town.ward.choices(prescription) == ["timed_out", "offered"]
    assert end_due(town.shop.scope) == 0


def test_the_offer_lasts_as_long_as_was_said(town: Town) -> None:
    prescription = town.ward.ready()
    chosen(prescription, town.shop, within=timedelta(seconds=90))
    town.settle()
    order = town.shop.order()
    assert (order.offer_until - order.created_at, order.due_at) == (timedelta(seconds=90), order.offer_until)


def test_given_back_before_it_is_prepared_and_not_later(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop()))
    prescription = town.offered()
    accepting.accept(town.shop.counter, town.shop.known)
    dispensing.check(town.shop.counter, town.shop.known)
    released = accepting.release(town.shop.system, town.shop.known, ReleaseReason.OUT_OF_STOCK)
    assert (released.state, released.reason) == ("released", "out_of_stock")
    town.settle()
    second = town.shops[1]
    accepting.accept(second.counter, second.known)
    dispensing.check(second.counter, second.known)
    dispensing.prepare(second.bench, second.known)
    late = partial(accepting.release, second.counter, second.known, ReleaseReason.OTHER)
    assert code_of(late) == "order_already_preparing"
    assert town.ward.choices(prescription) == ["released", "offered"]


def test_the_resident_takes_it_back_and_chooses_again(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop()))
    prescription = town.offered()
    town.shop.prepare()
    assert accepting.revoke(owner_of(town.shop.order()), town.shop.known).reason == "by_resident"
    town.settle()
    after = town.ward.now(prescription)
    assert (after.waiting, after.order_tenant) == ("choice", None)
    assert town.ward.choices(prescription) == ["revoked", "waiting"]
    assert town.shops[1].orders() == []
    chosen(prescription, town.shop)
    town.settle()
    assert [order.attempt for order in town.shop.orders()] == [1, 2]
    assert [order.state for order in town.shop.orders()] == ["revoked", "offered"]


def test_the_doctor_withdraws_while_the_pharmacy_prepares(town: Town) -> None:
    prescription = town.prepared()
    town.ward.withdraw(prescription)
    assert town.ward.now(prescription).stopping == "withdrawn"
    town.settle()
    after = town.ward.now(prescription)
    assert (after.state, after.stopping, after.order_tenant) == ("withdrawn", None, None)
    assert (town.shop.order().state, town.shop.order().reason) == ("revoked", "written_wrongly")
    assert code_of(town.shop.hand_over) == "order_ended"
    assert len(payloads(town.shop.scope, SUPPLY_ENDED)) == 1


def test_a_withdrawal_that_comes_too_late(town: Town) -> None:
    prescription = town.prepared()
    town.ward.withdraw(prescription)
    town.shop.hand_over()
    town.settle()
    after = town.ward.now(prescription)
    assert (after.state, after.reason, after.stopping) == ("completed", "withdrawn_too_late", None)
    assert town.shop.order().state == "fulfilled"


def test_the_prescription_expires_at_the_pharmacy(town: Town) -> None:
    prescription = town.prepared()
    town.shop.time_is_up(expiry=True)
    assert code_of(town.shop.hand_over) == "order_expired"
    run(town.ward.scope, lambda opened: stop(opened, locked(opened, prescription), Event.EXPIRED))
    assert town.ward.now(prescription).stopping == "expired"
    assert end_due(town.shop.scope) == 1
    town.settle()
    assert (town.shop.order().state, town.ward.now(prescription).state) == ("expired", "expired")


def locked(opened: Unit, prescription: Prescription) -> Prescription:
    """The prescription, held."""
    row = opened.get(Prescription, prescription.id, lock=True)
    assert row
    return row


def test_a_prescription_that_is_over_goes_to_nobody_else(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop()))
    prescription = town.offered()

    def over(opened: Unit) -> None:
        locked(opened, prescription).expires_at = opened.now

    run(town.ward.scope, over)
    accepting.decline(town.shop.counter, town.shop.known, DeclineReason.CLOSED)
    town.settle()
    assert (town.ward.now(prescription).attempt, town.shops[1].orders()) == (1, [])


def test_a_pharmacy_that_may_not_sell_answers_by_itself(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop(), Shop()))
    prescription = town.ward.ready()
    chosen(prescription, *town.shops)
    town.shops[0].end_license()
    town.shops[1].suspend()
    town.settle()
    assert [(shop.order().state, shop.order().reason) for shop in town.shops] == [
        ("declined", "not_licensed"), ("declined", "not_licensed"), ("offered", None)
    ]  # fmt: skip
    assert town.ward.now(prescription).attempt == 3


def test_a_license_that_ends_meanwhile(town: Town) -> None:
    town.prepared()
    town.shop.end_license()
    assert code_of(town.shop.hand_over) == "not_licensed"
    other = Town(town.platform)
    other.offered()
    other.shop.end_license()
    assert code_of(partial(accepting.accept, other.shop.counter, other.shop.known)) == "not_licensed"


@pytest.mark.parametrize(
    ("price", "state", "total"), [(1000, "offered", 3000), (900, "offered", 2700), (1001, "declined", 0)]
)
def test_a_quote_that_is_over_holds_unless_it_became_dearer(
    platform: Platform, price: int, state: str, total: int
) -> None:
    town = Town(platform)
    prescription = town.ward.ready()
    chosen(prescription, town.shop)
    quotes_over(town, prescription)
    town.shop.stocks(price)
    town.settle()
    order = town.shop.order()
    assert (order.state, order.total, order.reason) == (state, total, None if total else "price_risen")


def test_a_price_that_rises_within_the_quotes_time_stays_away(town: Town) -> None:
    chosen(town.ward.ready(), town.shop)
    town.shop.stocks(9999)
    town.settle()
    assert (town.shop.order().state, town.shop.order().total) == ("offered", 3000)


def test_a_stale_or_strange_relay_changes_nothing(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop()))
    prescription = town.offered()
    (first,) = payloads(town.ward.scope, ORDER_OFFER)

    def told(scope: Scope, giver: Scope, type: str, payload: dict[str, Any]) -> Any:
        relay = Incoming(new_id(), giver, "x", type, payload)
        return run(scope, lambda opened: SLICE.handlers[type, 1](opened, relay))

    shop, ward = town.shop.scope, town.ward.scope
    assert told(shop, ward, ORDER_OFFER, first) == {"refused": "stale_attempt"}
    assert told(shop, Ward().scope, ORDER_OFFER, {**first, "attempt": 9}) == {"refused": "not_the_givers"}
    stop_it = {"prescription": first["prescription"], "attempt": 1, "reason": "x"}
    assert told(shop, Ward().scope, ORDER_STOP, stop_it) == {"refused": "not_the_givers"}
    assert told(shop, ward, ORDER_STOP, {**stop_it, "attempt": 2}) == {"refused": "unknown_order"}
    accepting.decline(town.shop.counter, town.shop.known, DeclineReason.OTHER)
    town.settle()
    moved = payloads(shop, ORDER_MOVED)[-1]
    before = town.ward.now(prescription).version
    assert moved["state"] == "declined"
    assert told(ward, shop, ORDER_MOVED, moved) == {"refused": "stale_attempt"}
    assert told(ward, shop, ORDER_MOVED, {**moved, "attempt": 2}) == {"refused": "stale_attempt"}
    assert told(Ward().scope, shop, ORDER_MOVED, moved) == {"refused": "unknown_prescription"}
    assert told(shop, ward, ORDER_STOP, stop_it) == {"state": "declined"}
    assert town.ward.now(prescription).version == before
    assert town.shop.order().state == "declined"
