"""Several at the same moment: an order has one holder and one end, and every wrong code counts."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.core.carry import carry
from app.core.errors import Problem, Refused
from app.core.journal.seal import seal
from prescriptions.ids import prescription_public_id
from prescriptions.names import ORDER_MOVED, SUPPLY_ENDED, SUPPLY_FULFILLED
from prescriptions.order_timers import end_due
from prescriptions.rules.orders import LIVE, DeclineReason
from prescriptions.service import accepting, dispensing
from tests.platform import Platform
from tests.prescriptions.routing_scenes import (
    COUNSELLING,
    HANDLERS,
    PUBLIC,
    Shop,
    Town,
    chosen,
    owner_of,
    payloads,
    wrong_than,
)

Act = Callable[[], object]
ROUNDS = 3
MANY = 50
PATIENCE = 30.0
"""Seconds for which somebody asks again who was told that the database is busy."""


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def at_once(acts: Sequence[Act]) -> Counter[str]:
    """What became of `acts`, all begun at the same moment: `done`, or the code of the refusal."""
    start = Barrier(len(acts))

    def one(act: Act) -> str:
        start.wait(20)
        return outcome(act, time.monotonic() + PATIENCE)

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(one, acts))


def outcome(act: Act, until: float) -> str:
    """What became of one act; a busy database (503) is asked again, as a caller would."""
    try:
        answer = act()
    except Problem as problem:
        return problem.code
    except (DBAPIError, PoolExhausted):
        if time.monotonic() > until:
            raise
        return outcome(act, until)
    return answer.problem.code if isinstance(answer, Refused) else "done"


def one_end(town: Town) -> str:
    """The state of the newest order, of which others heard exactly once that it ended."""
    town.settle()
    order = town.shop.order()
    ended, fulfilled = payloads(town.shop.scope, SUPPLY_ENDED), payloads(town.shop.scope, SUPPLY_FULFILLED)
    mine = [one for one in [*ended, *fulfilled] if one["order"] == str(town.shop.known)]
    assert len(mine) == (order.state not in LIVE), order.state
    assert (order.state == "fulfilled") == (order.handed_over_at is not None)
    moved = [one for one in payloads(town.shop.scope, ORDER_MOVED) if one["order"] == str(town.shop.known)]
    assert moved[-1]["state"] == order.state
    return order.state


def test_fifty_accept_one_order(town: Town) -> None:
    town.offered()
    known = town.shop.known
    found = at_once([partial(accepting.accept, town.shop.system, known)] * MANY)
    assert found == {"done": 1, "order_already_accepted": MANY - 1}
    order = town.shop.order()
    assert (order.state, order.version) == ("accepted", 2)
    assert one_end(town) == "accepted"


def test_fifty_wrong_codes_all_count(town: Town) -> None:
    town.prepared()
    shop, code = town.shop, town.shop.code()
    wrong = partial(dispensing.hand_over, shop.counter, shop.known, wrong_than(code), COUNSELLING)
    assert at_once([wrong] * MANY) == {"wrong_pickup_code": 5, "pickup_locked": MANY - 5}
    order = shop.order()
    assert (order.wrong_codes, order.state, order.version) == (MANY, "prepared", 6 + MANY)
    assert at_once([shop.hand_over]) == {"pickup_locked": 1}


def test_the_right_code_among_wrong_ones(town: Town) -> None:
    for _ in range(ROUNDS):
        town.prepared()
        shop, code = town.shop, town.shop.code()
        wrong = partial(dispensing.hand_over, shop.counter, shop.known, wrong_than(code), COUNSELLING)
        right = partial(dispensing.hand_over, shop.counter, shop.known, code, COUNSELLING)
        found = at_once([wrong, wrong, wrong, right, wrong, wrong, wrong])
        order = shop.order()
        assert order.wrong_codes == found["wrong_pickup_code"] + found["pickup_locked"]
        assert one_end(town) == ("fulfilled" if found["done"] else "prepared")
        if not found["done"]:
            assert order.locked_at is not None


def test_handing_over_twice(town: Town) -> None:
    for _ in range(ROUNDS):
        town.prepared()
        hand_over = partial(dispensing.hand_over, town.shop.counter, town.shop.known, town.shop.code(), COUNSELLING)
        assert at_once([hand_over] * 8) == {"done": 1, "order_fulfilled": 7}
        assert one_end(town) == "fulfilled"


def machines(town: Town) -> None:
    """Worker turns: what waits is sealed and carried, several times."""
    for _ in range(3):
        for scope in (town.ward.scope, town.shop.scope):
            seal(scope, PUBLIC, town.platform.sealing)
            carry(scope, HANDLERS)


def test_handing_over_while_the_doctor_withdraws(town: Town) -> None:
    seen = set()
    for pause in range(ROUNDS):
        prescription = town.prepared()
        town.ward.withdraw(prescription)
        seal(town.ward.scope, PUBLIC, town.platform.sealing)
        hand_over = partial(dispensing.hand_over, town.shop.counter, town.shop.known, town.shop.code(), COUNSELLING)
        found = at_once([hand_over, partial(machines, town)])
        state, after = one_end(town), town.ward.now(prescription)
        assert (state == "fulfilled") == (found["done"] == 2), pause
        assert (after.state, after.stopping) == ("completed" if state == "fulfilled" else "withdrawn", None)
        seen.add(state)
    assert seen <= {"fulfilled", "revoked"}


def test_handing_over_when_the_prescription_ends(town: Town) -> None:
    seen = set()
    for pause in range(ROUNDS * 3):
        town.prepared()
        shop = town.shop
        hand_over = partial(dispensing.hand_over, shop.counter, shop.known, shop.code(), COUNSELLING)
        shop.time_is_up(timedelta(milliseconds=4 * pause), expiry=True)
        found = at_once([hand_over, partial(ends, shop)])
        order = shop.order()
        assert (order.state == "fulfilled") == (found["done"] == 2)
        if order.handed_over_at:
            assert order.handed_over_at < order.expires_at
        ends(shop)
        seen.add(one_end(town))
    assert seen <= {"fulfilled", "expired"} and "expired" in seen


def ends(shop: Shop) -> None:
    """The timer looks until nothing of this moment and the next ones is due."""
    for _ in range(40):
        end_due(shop.scope)


def test_two_timers_end_an_order_once(town: Town) -> None:
    town.prepared()
    town.shop.time_is_up(expiry=True)
    version = town.shop.order().version
    assert at_once([partial(end_due, town.shop.scope)] * 4) == {"done": 4}
    assert town.shop.order().version == version + 1
    assert one_end(town) == "expired"


def test_accepting_while_the_resident_takes_it_back(town: Town) -> None:
    for _ in range(ROUNDS):
        prescription = town.offered()
        known, owner = town.shop.known, owner_of(town.shop.order())
        found = at_once([
            partial(accepting.accept, town.shop.system, known), partial(accepting.revoke, owner, known)
        ])  # fmt: skip
        assert found["done"] in (1, 2)
        assert one_end(town) == "revoked"
        assert (town.ward.now(prescription).state, town.ward.now(prescription).waiting) == ("ready", "choice")


def test_accepting_while_the_doctor_withdraws(town: Town) -> None:
    for _ in range(ROUNDS):
        prescription = town.offered()
        town.ward.withdraw(prescription)
        at_once([partial(accepting.accept, town.shop.system, town.shop.known), partial(machines, town)])
        assert one_end(town) == "revoked"
        assert town.ward.now(prescription).state == "withdrawn"


def test_settling_while_the_resident_takes_it_back(town: Town) -> None:
    for _ in range(ROUNDS):
        town.offered()
        town.shop.prepare()
        owner = owner_of(town.shop.order())
        found = at_once([town.shop.settle, partial(accepting.revoke, owner, town.shop.known)])
        order = town.shop.order()
        assert order.state == one_end(town) == "revoked"
        assert found["done"] == (2 if order.settled_by else 1)


def test_declining_goes_to_one_other_pharmacy(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop(), Shop()))
    prescription = town.offered()
    decline = partial(accepting.decline, town.shop.counter, town.shop.known, DeclineReason.CLOSED)
    assert at_once([decline] * 4) == {"done": 1, "order_ended": 3}
    scopes = [town.ward.scope, *(shop.scope for shop in town.shops)]

    def turn() -> None:
        for _ in range(4):
            for scope in scopes:
                seal(scope, PUBLIC, platform.sealing)
                carry(scope, HANDLERS)

    assert at_once([turn] * 3) == {"done": 3}
    town.settle()
    assert [len(shop.orders()) for shop in town.shops] == [1, 1, 0]
    assert town.ward.now(prescription).attempt == 2


def test_choosing_twice_makes_one_order(town: Town) -> None:
    for _ in range(ROUNDS):
        prescription = town.ward.ready()
        assert at_once([partial(chosen, prescription, town.shop)] * 3)["done"] == 1
        town.settle()
        known = str(prescription_public_id(prescription))
        assert [order.attempt for order in town.shop.orders() if order.prescription == known] == [1]
        assert town.ward.now(prescription).attempt == 1
