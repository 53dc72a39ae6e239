"""A person adds an authenticator, proves it, slows guessers down, and recovers without it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyotp
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import connect, database, unit
from app.factory import create_app
from app.identity.api import authenticate
from app.identity.factors.models import Authenticator
from app.identity.service.sign_in import enter
from app.identity.timers import FORGETTING
from tests.described import described
from tests.identity.conftest import Clock
from tests.identity.phone import wrong
from tests.platform import Platform
from tests.tenants.world import Actor

LIST, CODES, PROVE = "/me/authenticators", "/me/recovery-codes", "/me/second-factor"
REQUIRED, MISSING = "second_factor_required", "second_factor_missing"


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    """The application; its units run on the engine that all tests share."""
    made = described(create_app(platform.settings))
    database().engine.dispose()
    connect(platform.database)
    yield made


@dataclass
class Stopped(Clock):
    """A clock that stands still until it is put forward: codes and pauses do not depend on how fast the machine is."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """When it was made, so much ahead."""
        return self.began + self.ahead


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    """The clock of this process's units."""
    made = Stopped()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def person(app: Flask) -> Actor:
    """Somebody who has just signed in for the first time."""
    return signed_in(Actor(app, "", new_id()))


def signed_in(person: Actor) -> Actor:
    """The same person, signed in once more."""
    return Actor(person.app, enter(person.id, "+8613900000000", "zh-CN", "").access_token, person.id)


def app_of(added: dict[str, Any]) -> pyotp.TOTP:
    """The authenticator app into which the picture was read."""
    read = pyotp.parse_uri(added["otpauth_uri"])
    assert isinstance(read, pyotp.TOTP) and read.secret == added["secret"]
    return read


def code(app: pyotp.TOTP, clock: Clock, steps: int = 0) -> str:
    """What the app shows, so many steps away from now."""
    return str(app.at(clock.now() + timedelta(seconds=30 * steps)))


def enrolled(person: Actor, clock: Clock) -> pyotp.TOTP:
    """The person's app, confirmed a minute ago."""
    added = person.do("POST", LIST, {"name": "手机"})
    app = app_of(added)
    person.do("POST", f"{LIST}/{added['authenticator']['id']}/confirmation", {"code": code(app, clock)})
    clock.forward(minutes=1)
    return app


def facts(platform: Platform, person: Actor) -> list[str]:
    query = "SELECT type FROM person_journal_pending WHERE person_id = %s ORDER BY id"
    with platform.connection() as connection:
        return [row[0] for row in connection.execute(query, [person.id]).fetchall()]


def test_an_authenticator_counts_once_it_is_confirmed(person: Actor, clock: Clock) -> None:
    added = person.do("POST", LIST, {"name": "手机"})
    app, id = app_of(added), added["authenticator"]["id"]
    assert len(added["secret"]) == 32
    assert (app.issuer, app.name, app.interval, app.digits) == ("云医院", "手机", 30, 6)
    assert person.refused(403, "POST", PROVE, {"code": code(app, clock)}) == MISSING
    path = f"{LIST}/{id}/confirmation"
    assert person.refused(403, "POST", path, {"code": wrong(code(app, clock))}) == "code_not_accepted"
    confirmed = person.do("POST", path, {"code": code(app, clock)})
    assert (confirmed["state"], confirmed["version"], confirmed["name"]) == ("active", 2, "手机")
    assert person.refused(409, "POST", path, {"code": code(app, clock)}) == "authenticator_active"
    assert person.do("GET", LIST)["data"] == [confirmed]
    assert authenticate(person.token).second_factor_at is not None


def test_the_secret_is_shown_once_and_kept_encrypted(platform: Platform, person: Actor) -> None:
    key = {"Idempotency_Key": "again"}
    added, again = (person.ask("POST", LIST, {"name": "a"}, **key) for _ in range(2))
    assert added.json and again.json
    assert again.headers["Idempotency-Omitted"]
    assert set(again.json) == {"authenticator"}
    with platform.connection() as connection:
        rows = connection.execute("SELECT secret FROM authenticators WHERE person_id = %s", [person.id]).fetchall()
    assert len(rows) == 1
    assert pyotp.TOTP(added.json["secret"]).byte_secret() not in bytes(rows[0][0])


def test_a_sign_in_proves_it_and_the_journal_knows(platform: Platform, person: Actor, clock: Clock) -> None:
    app, other = enrolled(person, clock), signed_in(person)
    assert authenticate(other.token).second_factor_at is None
    proof = other.do("POST", PROVE, {"code": code(app, clock)})
    assert (proof["method"], proof["proved_at"] < proof["fresh_until"]) == ("otp", True)
    assert authenticate(other.token).is_fresh(clock.now())
    clock.forward(minutes=15)
    assert not authenticate(other.token).is_fresh(clock.now())
    made = ["person.registered", "sign_in.made", "authenticator.added", "authenticator.confirmed"]
    assert facts(platform, person) == [*made, "sign_in.made", "authenticator.used"]


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
def test_clocks_may_differ_by_one_step(person: Actor, clock: Clock, steps: int, status: int) -> None:
    app = enrolled(person, clock)
    clock.forward(minutes=1)
    assert person.ask("POST", PROVE, {"code": code(app, clock, steps)}).status_code == status


def test_a_code_is_good_once_and_none_before_it(person: Actor, clock: Clock) -> None:
    app = enrolled(person, clock)
    older, newer = code(app, clock, -1), code(app, clock, 1)
    person.do("POST", PROVE, {"code": newer})
    assert person.refused(403, "POST", PROVE, {"code": newer}) == "code_not_accepted"
    clock.forward(seconds=1)
    assert person.refused(403, "POST", PROVE, {"code": older}) == "code_not_accepted"


def test_of_many_at_once_one_is_accepted(person: Actor, clock: Clock) -> None:
    app = enrolled(person, clock)
    one = partial(person.ask, "POST", PROVE, {"code": code(app, clock)})
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: one(), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 429, 429]


def test_wrong_codes_slow_down_and_never_lock_out(person: Actor, clock: Clock) -> None:
    app = enrolled(person, clock)
    pauses = []
    for _ in range(14):
        assert person.refused(403, "POST", PROVE, {"code": wrong(code(app, clock))}) == "code_not_accepted"
        soon = person.ask("POST", PROVE, {"code": code(app, clock)})
        pauses.append(waited(soon))
        clock.forward(seconds=pauses[-1])
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    person.do("POST", PROVE, {"code": code(app, clock)})
    assert person.refused(403, "POST", PROVE, {"code": wrong(code(app, clock))}) == "code_not_accepted"
    assert waited(person.ask("POST", PROVE, {"code": code(app, clock)})) == 1, "a right one makes up for all"


def waited(answer: TestResponse) -> int:
    """The seconds for which a try was put off."""
    assert answer.json
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_tries")
    return int(answer.headers["Retry-After"])


def test_changes_ask_for_a_fresh_proof_where_there_is_a_factor(person: Actor, clock: Clock) -> None:
    pending = person.do("POST", LIST, {"name": "b"})
    app, thief = enrolled(person, clock), signed_in(person)
    mine = person.do("GET", LIST)["data"][0]["id"]
    confirming = f"{LIST}/{pending['authenticator']['id']}/confirmation"
    for method, path, body in (
        ("POST", LIST, {"name": "c"}), ("DELETE", f"{LIST}/{mine}", None), ("POST", CODES, None),
        ("POST", confirming, {"code": code(app_of(pending), clock)}),
    ):  # fmt: skip
        assert thief.refused(403, method, path, body) == REQUIRED
    clock.forward(minutes=15)
    assert person.refused(403, "DELETE", f"{LIST}/{mine}") == REQUIRED
    person.do("POST", PROVE, {"code": code(app, clock)})
    person.do("DELETE", f"{LIST}/{mine}")
    assert person.refused(404, "DELETE", f"{LIST}/{mine}") == "not_found"
    assert person.refused(403, "POST", PROVE, {"code": code(app, clock, 1)}) == MISSING


def test_who_has_none_adds_one_soon_after_signing_in(person: Actor, clock: Clock) -> None:
    pending = person.do("POST", LIST, {"name": "a"})
    clock.forward(minutes=15)
    confirming = f"{LIST}/{pending['authenticator']['id']}/confirmation"
    for path, body in ((LIST, {"name": "b"}), (confirming, {"code": code(app_of(pending), clock)})):
        assert person.refused(403, "POST", path, body) == "fresh_sign_in_required"
    assert signed_in(person).ask("POST", LIST, {"name": "b"}).status_code == 201


def test_what_a_factor_proved_that_is_gone_is_no_longer_fresh(person: Actor, clock: Clock) -> None:
    enrolled(person, clock)
    person.do("DELETE", f"{LIST}/{person.do('GET', LIST)['data'][0]['id']}")
    clock.forward(minutes=15)
    assert person.refused(403, "POST", LIST, {"name": "b"}) == "fresh_sign_in_required"


def test_somebody_else_s_is_not_there(person: Actor, clock: Clock) -> None:
    stranger = signed_in(Actor(person.app, "", new_id()))
    id = person.do("POST", LIST, {"name": "a"})["authenticator"]["id"]
    assert stranger.refused(404, "DELETE", f"{LIST}/{id}") == "not_found"
    assert stranger.refused(404, "POST", f"{LIST}/{id}/confirmation", {"code": "123456"}) == "not_found"
    assert stranger.do("GET", LIST)["data"] == []


def test_recovery_codes_are_good_once_each(platform: Platform, person: Actor, clock: Clock) -> None:
    assert person.refused(403, "POST", CODES) == MISSING
    enrolled(person, clock)
    assert person.do("GET", CODES) == {"left": 0, "made_at": None}
    codes = person.do("POST", CODES)["codes"]
    assert len(set(codes)) == 10
    without = signed_in(person)
    assert without.do("POST", PROVE, {"code": codes[0].replace("-", " ").lower()})["method"] == "otp"
    assert without.refused(403, "POST", PROVE, {"code": codes[0]}) == "code_not_accepted"
    assert without.do("GET", CODES)["left"] == 9
    clock.forward(seconds=1)
    with platform.connection() as connection:
        kept = str(connection.execute("SELECT hashes FROM recovery_codes WHERE person_id = %s", [person.id]).fetchall())
    assert not any(one in kept or one.replace("-", "") in kept for one in codes)
    fresh = without.do("POST", CODES)["codes"]
    assert without.refused(403, "POST", PROVE, {"code": codes[1]}) == "code_not_accepted", "made anew as a whole"
    clock.forward(seconds=2)
    without.do("POST", PROVE, {"code": fresh[1]})


def test_with_the_last_authenticator_end_the_recovery_codes(person: Actor, clock: Clock) -> None:
    enrolled(person, clock)
    codes = person.do("POST", CODES)["codes"]
    person.do("DELETE", f"{LIST}/{person.do('GET', LIST)['data'][0]['id']}")
    assert person.do("GET", CODES)["left"] == 0
    enrolled(person, clock)
    assert person.refused(403, "POST", PROVE, {"code": codes[0]}) == "code_not_accepted"


def test_ten_are_enough_and_the_unconfirmed_are_forgotten(person: Actor, clock: Clock) -> None:
    enrolled(person, clock)
    for _ in range(9):
        person.do("POST", LIST, {"name": "a"})
    assert person.refused(409, "POST", LIST, {"name": "a"}) == "too_many_authenticators"
    scope = Scope.for_person(person.id)
    clock.forward(hours=1)
    assert FORGETTING.task(scope) == 9
    with unit(scope) as reading:
        assert [row.state for row in reading.all(reading.select(Authenticator))] == ["active"]


@pytest.mark.parametrize("text", ["", "12345", "1234567", "ABCD-EFGH-JKLM", "ABCD-EFGH-JKLM-NOP1", "x" * 41])
def test_what_is_no_code_costs_no_try(person: Actor, clock: Clock, text: str) -> None:
    app = enrolled(person, clock)
    assert person.refused(422, "POST", PROVE, {"code": text}) == "invalid_input"
    person.do("POST", PROVE, {"code": code(app, clock)})
