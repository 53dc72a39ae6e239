"""Traffic limits: never more than the burst, each key apart, and told truly when to come back."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.errors import TooManyRequests
from app.core.scope import Scope
from app.core.traffic import FORGETTING, KEPT, SHARES, Limit, Limits, Traffic
from app.core.unit import connect, database
from app.edge.limits import HELD_FOR, Stock, site
from app.settings import Settings, UnsafeSettings
from tests.edge.caller import Caller
from tests.edge.conftest import running
from tests.edge.test_cost import sent
from tests.platform import Platform, new_tenant

SMALL = Limits(caller=Limit(1, 5), tenant=Limit(1, 12), address=Limit(1, 5))
STRANGERS = "/api/v1/openapi.json"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """The present instant of this clock."""
        return self.at


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    """An application with small limits, behind a proxy on this machine."""
    proxies = (ip_network("127.0.0.1"),)
    with running(platform, replace(platform.settings, limits=SMALL, trusted_proxies=proxies)) as made:
        yield made


@pytest.fixture
def clock(platform: Platform, app: Flask) -> Iterator[Clock]:
    """A clock that stands still, for what this process asks of the database."""
    made = Clock(datetime.now(UTC))
    before = database()
    connect(replace(before, clock=made))
    yield made
    connect(before)


def passed(stock: Stock, name: str, limit: Limit, most: int = 10_000) -> int:
    """How many requests of `name` pass, one after the other, until one is refused."""
    for many in range(most):
        try:
            stock.spend(name, limit)
        except TooManyRequests:
            return many
    return most


def test_a_clock_that_ran_ahead_locks_nobody_out(clock: Clock) -> None:
    name, limit = uuid4().hex, Limit(10, 50)
    stock = Stock(SMALL)
    clock.at += timedelta(days=365)
    assert passed(stock, name, limit) == limit.burst
    clock.at -= timedelta(days=365)
    assert passed(stock, name, limit) == limit.burst, "as after a crash of the database"
    assert passed(Stock(SMALL), name, limit) == 0


def asked(app: Flask, address: str, path: str = STRANGERS, **headers: str) -> TestResponse:
    """What somebody at `address` is answered."""
    return app.test_client().get(path, headers={"X-Forwarded-For": address, **headers})


def test_many_processes_and_threads_at_once_never_pass_more_than_the_burst(app: Flask) -> None:
    name, limit = uuid4().hex, Limit(1, 200)
    stocks = [Stock(SMALL) for _ in range(3)]
    began = time.monotonic()
    with ThreadPoolExecutor(18) as threads:
        counts = threads.map(lambda stock: passed(stock, name, limit), stocks * 6)
        total = sum(counts)
    given_back = math.ceil(time.monotonic() - began) * limit.per_second
    assert limit.share > 1
    assert limit.burst <= total <= limit.burst + given_back


def test_what_a_process_still_holds_is_all_that_is_ever_too_much(app: Flask, clock: Clock) -> None:
    name, limit = uuid4().hex, Limit(10, 500)
    idle, busy = Stock(SMALL), Stock(SMALL)
    idle.spend(name, limit)
    clock.at += timedelta(seconds=HELD_FOR - 1)
    assert passed(busy, name, limit) == limit.burst
    assert passed(idle, name, limit) == limit.burst // SHARES - 1
    clock.at += timedelta(seconds=1)
    assert passed(busy, name, limit) == limit.per_second


def test_names_are_counted_apart(app: Flask, clock: Clock) -> None:
    one, other, stock = uuid4().hex, uuid4().hex, Stock(SMALL)
    assert [passed(stock, name, SMALL.caller) for name in (one, other, one)] == [5, 5, 0]


def test_a_caller_is_told_truly_when_to_come_back(north: Caller, clock: Clock) -> None:
    assert [north.get("/edge-notes").status_code for _ in range(5)] == [200] * 5
    refused = north.get("/edge-notes")
    assert refused.json and (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert refused.content_type == "application/problem+json"
    wait = timedelta(seconds=int(refused.headers["Retry-After"]))
    clock.at += wait - timedelta(milliseconds=1)
    assert north.get("/edge-notes").status_code == 429
    clock.at += timedelta(milliseconds=1)
    assert [north.get("/edge-notes").status_code for _ in range(2)] == [200, 429]


def test_who_was_refused_costs_the_database_no_more_than_their_token(north: Caller, clock: Clock) -> None:
    while north.get("/edge-notes").status_code == 200:
        pass
    with sent() as statements:
        assert north.get("/edge-notes").status_code == 429
    assert statements == ["GLANCE"]


def test_a_tenant_is_counted_over_all_who_act_in_it(app: Flask, clock: Clock) -> None:
    tenant = new_tenant()
    answers = [Caller(app, tenant).get("/edge-notes").status_code for _ in range(14)]
    assert answers == [200] * 12 + [429] * 2
    assert Caller(app).get("/edge-notes").status_code == 200


def test_strangers_are_counted_by_their_address(app: Flask, clock: Clock) -> None:
    assert [asked(app, "203.0.113.1").status_code for _ in range(6)] == [200] * 5 + [429]
    assert asked(app, "203.0.113.2").status_code == 200
    nobody = app.test_client()
    assert [nobody.get(STRANGERS).status_code for _ in range(7)] == [200] * 7, "this machine itself"


@pytest.mark.parametrize("path", ["/api/v1/edge-notes", "/nowhere", "/docs/"])
def test_what_counts_as_strange(app: Flask, clock: Clock, path: str) -> None:
    address = f"2001:db8:{uuid4().hex[:4]}:1"
    answers = [asked(app, f"{address}::{host}", path, Authorization="Bearer x").status_code for host in range(1, 7)]
    assert 429 not in answers[:5] and answers[5] == 429
    assert asked(app, f"{address[:-1]}2::1", path).status_code != 429, "of IPv6 a site is one address"


def test_a_known_caller_is_not_counted_by_address(app: Flask, north: Caller, clock: Clock) -> None:
    for _ in range(5):
        asked(app, "203.0.113.3")
    assert asked(app, "203.0.113.3").status_code == 429
    assert asked(app, "203.0.113.3", "/api/v1/edge-notes", **north.headers({})).status_code == 200


def test_probes_are_not_counted(app: Flask, clock: Clock) -> None:
    assert {asked(app, "203.0.113.4", "/healthz").status_code for _ in range(9)} == {200}


def test_what_of_an_address_counts() -> None:
    assert site("203.0.113.5") == "203.0.113.5"
    assert site("2001:db8::1") == site("2001:db8::ffff") != site("2001:db8:0:1::1")


def test_where_it_cannot_be_counted_nothing_is_done(platform: Platform, north: Caller) -> None:
    with platform.connection() as holder:
        holder.execute("LOCK TABLE traffic IN ACCESS EXCLUSIVE MODE")
        answer = north.get("/edge-notes")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert north.get("/edge-notes").status_code == 200


def test_a_key_is_blind_and_forgotten_when_nobody_asks(platform: Platform, app: Flask, clock: Clock) -> None:
    name = uuid4().hex
    key = database().blind.digest("traffic", name)
    scope = Scope.for_key(Traffic.__tablename__, key)
    row = "SELECT due_at - %s FROM traffic WHERE key = %s"
    assert name not in key
    for later in (timedelta(0), KEPT / 2, KEPT * 2):
        clock.at += later
        passed(Stock(SMALL), name, SMALL.caller)
        left = platform.looking.execute(row, [clock.now(), key]).fetchone()
        assert left and KEPT <= left[0] <= 2 * KEPT
        assert FORGETTING.task(scope) == 0
    clock.at += 2 * KEPT
    assert FORGETTING.task(scope) == 1


@pytest.mark.parametrize("text", ["0/1", "1/0", "1", "x/1", "1/3600", "-1/5", ""])
def test_what_is_no_limit(platform: Platform, text: str) -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_LIMIT_CALLER"):
        Settings.from_environment({**platform.environ, "CLOUD_LIMIT_CALLER": text})


def test_limits_are_settings(platform: Platform) -> None:
    given = {"CLOUD_LIMIT_CALLER": "7/70", "CLOUD_LIMIT_TENANT": "8/80", "CLOUD_LIMIT_ADDRESS": "9/90"}
    settings = Settings.from_environment({**platform.environ, **given})
    assert settings.limits == Limits(Limit(7, 70), Limit(8, 80), Limit(9, 90))
    without = {name: value for name, value in platform.environ.items() if not name.startswith("CLOUD_LIMIT_")}
    assert Settings.from_environment(without).limits == Limits()
