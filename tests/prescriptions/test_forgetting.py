"""What is forgotten of quotes and orders, and how often a resident may ask for quotes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table

from app.core.discovery import due
from app.core.errors import Problem
from app.core.scope import Scope
from app.core.unit import unit
from prescriptions.forgetting import FORGETTING
from prescriptions.ids import prescription_public_id
from prescriptions.models import Choice, Prescription, Quote, RoutingOrder
from prescriptions.order_queries import order_of, paper_of
from prescriptions.order_timers import end_due
from prescriptions.routing_errors import TooManyQuotes
from prescriptions.rules.orders import CONTENT_KEPT, DeclineReason
from prescriptions.rules.quotes import ASKS, ASKS_WINDOW, KEPT, VALID, Asks
from prescriptions.rules.validity import LONGEST
from prescriptions.service import accepting, quoting
from tests.platform import Platform
from tests.prescriptions.routing_scenes import NAME, Shop, Town, chosen, owner_of, quoted, resident_of
from tests.scheduling.clock import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def town(platform: Platform, clock: Clock) -> Town:
    """A hospital and two pharmacies."""
    return Town(platform, shops=(Shop(), Shop()))


def kept(scope: Scope, model: type[Any]) -> list[Any]:
    with unit(scope) as reading:
        return [row.id for row in reading.all(reading.select(model).order_by(model.id))]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.code


def test_quotes_that_nobody_chose_are_forgotten_on_both_sides(town: Town, clock: Clock) -> None:
    prescription, (shop, other) = town.ward.ready(), town.shops
    quoted(prescription, shop, other)
    clock.forward(seconds=VALID.total_seconds() + 60)
    chosen(prescription, shop)
    town.settle()
    scopes = (town.ward.scope, shop.scope, other.scope)
    assert [FORGETTING.task(scope) for scope in scopes] == [0, 0, 0]
    clock.forward(seconds=KEPT.total_seconds())
    for scope, model in zip(scopes, (Choice, Quote, Quote), strict=True):
        table = cast(Table, model.__table__)
        assert scope in due(town.platform.discovery, {table: ()}, clock.now())[table]
    assert [FORGETTING.task(scope) for scope in scopes] == [2, 1, 1]
    assert kept(town.ward.scope, Choice) == kept(shop.scope, Quote) == [shop.order().quote_id]
    assert kept(other.scope, Quote) == []
    clock.forward(days=400)
    assert [FORGETTING.task(scope) for scope in scopes] == [0, 0, 0]


def test_a_quote_outlives_the_prescription_that_it_may_be_chosen_for() -> None:
    assert timedelta(days=LONGEST) < KEPT


def test_the_next_in_rank_finds_its_quote_on_the_last_day(town: Town, clock: Clock) -> None:
    prescription, (shop, other) = town.ward.ready(), town.shops
    chosen(prescription, shop, other)
    town.settle()
    clock.forward(days=2)
    for scope in (town.ward.scope, shop.scope, other.scope):
        FORGETTING.task(scope)
    accepting.decline(shop.counter, shop.known, DeclineReason.CLOSED)
    town.settle()
    assert (other.order().state, town.ward.choices(prescription)) == ("offered", ["declined", "offered"])


def test_what_an_order_held_that_came_to_nothing_is_forgotten(town: Town, clock: Clock) -> None:
    prescription = town.offered(town.shop)
    known = town.shop.known
    accepting.accept(town.shop.counter, known)
    accepting.revoke(owner_of(town.shop.order()), known)
    town.settle()
    mine = owner_of(town.shop.order())
    assert order_of(mine, known).resident_name == NAME
    clock.forward(seconds=CONTENT_KEPT.total_seconds() - 60)
    assert end_due(town.shop.scope) == 0
    clock.forward(seconds=120)
    assert end_due(town.shop.scope) == 1
    assert end_due(town.shop.scope) == 0
    order = town.shop.order()
    assert (order.content, order.lines, order.code, order.code_digest, order.due_at) == (None,) * 5
    assert (order.state, order.reason, order.total, order.version) == ("revoked", "by_resident", 3000, 4)
    shown = order_of(mine, known)
    assert (shown.lines, shown.resident_name, shown.pickup_code) == ((), None, None)
    assert order_of(town.shop.counter, known).lines == ()
    assert code_of(partial(paper_of, mine, known)) == "order_forgotten"
    assert FORGETTING.task(town.shop.scope) == 1
    assert kept(town.shop.scope, Quote) == []
    assert town.ward.now(prescription).document, "the hospital's own stays"


def test_what_ended_as_it_arrived_is_forgotten_too(town: Town, clock: Clock) -> None:
    prescription = town.ward.ready()
    chosen(prescription, town.shop)
    town.shop.end_license()
    town.settle()
    assert (town.shop.order().state, town.shop.order().reason) == ("declined", "not_licensed")
    clock.forward(seconds=CONTENT_KEPT.total_seconds() + 60)
    assert end_due(town.shop.scope) == 1
    assert town.shop.order().content is None


def test_what_was_handed_over_is_never_forgotten(town: Town, clock: Clock) -> None:
    town.prepared()
    town.shop.hand_over()
    clock.forward(days=4000)
    table = cast(Table, RoutingOrder.__table__)
    assert town.shop.scope not in due(town.platform.discovery, {table: ()}, clock.now())[table]
    assert end_due(town.shop.scope) == 0
    assert town.shop.order().content and order_of(owner_of(town.shop.order()), town.shop.known).lines


def test_an_order_that_lives_cannot_lose_its_content(town: Town, platform: Platform) -> None:
    town.offered(town.shop)
    with platform.connection() as connection, pytest.raises(Exception, match="ck_routing_orders_content"):
        connection.execute("UPDATE routing_orders SET content = NULL WHERE state = 'offered'")


def ask(town: Town, prescription: Prescription) -> str:
    try:
        quoted(prescription, town.shop)
    except TooManyQuotes as refused:
        assert refused.retry_after and 0 < refused.retry_after <= ASKS_WINDOW.total_seconds() + 1
        return refused.code
    return "shown"


def test_a_resident_asks_so_often_in_an_hour_for_one_prescription(town: Town, clock: Clock) -> None:
    prescription = town.ward.ready()
    assert [ask(town, prescription) for _ in range(ASKS + 2)] == ["shown"] * ASKS + ["too_many_quotes"] * 2
    assert len(kept(town.shop.scope, Quote)) == ASKS, "who is refused learns no price"
    assert ask(town, town.ward.ready(prescription.resident_id)) == "shown"
    clock.forward(seconds=ASKS_WINDOW.total_seconds())
    assert ask(town, prescription) == "shown"


def test_of_many_asks_at_once_none_is_counted_too_little(town: Town) -> None:
    prescription = town.ward.ready()
    with ThreadPoolExecutor(ASKS + 6) as threads:
        answers = list(threads.map(lambda _: ask(town, prescription), range(ASKS + 6)))
    assert sorted(answers) == ["shown"] * ASKS + ["too_many_quotes"] * 6


def test_who_may_not_ask_spends_nothing(town: Town) -> None:
    prescription, stranger = town.ward.ready(), resident_of(town.ward.ready())
    known = prescription_public_id(prescription)
    for _ in range(ASKS + 1):
        assert code_of(partial(quoting.quotes, stranger, known, [town.shop.id], None)) == "not_found"
    assert ask(town, prescription) == "shown"


@given(st.lists(st.integers(0, 3 * 3600), max_size=60))
def test_in_no_hour_that_begins_with_an_ask_are_there_more(seconds: list[int]) -> None:
    asks, allowed = Asks(0, START), dict[datetime, int]()
    for second in sorted(seconds):
        now = START + timedelta(seconds=second)
        again = asks.again(now)
        if isinstance(again, Asks):
            asks = again
            allowed[asks.since] = allowed.get(asks.since, 0) + 1
            assert asks.since <= now < asks.since + ASKS_WINDOW
        else:
            assert asks.times == ASKS and now + again == asks.since + ASKS_WINDOW
    assert max(allowed.values(), default=0) <= ASKS
    begun = sorted(allowed)
    assert all(later - earlier >= ASKS_WINDOW for earlier, later in pairwise(begun))
