"""A person makes a passkey, signs in with it alone, proves it as a second factor, and removes it."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.identity.api import authenticate
from deploy.demo.passkeys import IS_COPIED, MAY_BE_COPIED, PRESENT, SecurityKey
from tests.identity.conftest import Clock
from tests.identity.passkeys.keys import (
    LIST,
    NOT_ACCEPTED,
    PAGE,
    PROVE,
    REGISTER,
    Anybody,
    code_of,
    make,
    proof,
    somebody,
)
from tests.identity.test_second_factors import CODES, MISSING, REQUIRED, enrolled, facts, signed_in
from tests.identity.test_second_factors import LIST as AUTHENTICATORS
from tests.platform import Platform
from tests.tenants.world import Actor, at_once

STOPPED = "passkey_stopped"


class Confused(SecurityKey):
    """A browser that was to show a passkey, and says that it made one."""

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return super()._client_data("webauthn.create", options)


def seen(answer: TestResponse) -> tuple[object, ...]:
    """Everything by which a caller can tell one answer from another."""
    headers = sorted((name, value) for name, value in answer.headers if name not in ("X-Request-Id", "Date"))
    return answer.status_code, tuple(headers), re.sub(r'"request_id":"[^"]*"', "", answer.text)


def test_alone_it_signs_in_and_is_both_factors(
    platform: Platform, person: Actor, key: SecurityKey, anybody: Anybody, clock: Clock
) -> None:
    made = make(person, key)
    assert (made["name"], made["state"], made["transports"], made["version"]) == ("钥匙", "active", ["usb"], 1)
    assert authenticate(person.token).is_fresh(clock.now()), "who makes one proves it"
    again = anybody.sign_in(key)
    assert again.do("GET", "/me") == person.do("GET", "/me")
    assert authenticate(again.token).is_fresh(clock.now())
    shown = person.do("GET", LIST)["data"][0]
    assert shown == {**made, "last_used_at": shown["last_used_at"], "version": 2} and shown["last_used_at"]
    begun = ["person.registered", "sign_in.made", "passkey.made"]
    assert facts(platform, person) == [*begun, "sign_in.made", "passkey.used"]


def test_what_a_browser_is_asked(person: Actor, key: SecurityKey, anybody: Anybody) -> None:
    make(person, key)
    asked = person.do("POST", REGISTER)
    options, excluded = asked["options"], [{"id": key.make(asked["options"])["id"], "type": "public-key"}]
    assert (options["rp"], options["attestation"]) == ({"name": "云医院", "id": "localhost"}, "none")
    assert options["user"]["name"] == "+86139****0000"
    assert options["authenticatorSelection"] == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
    }  # fmt: skip
    assert options["excludeCredentials"] == [{**excluded[0], "transports": ["usb"]}]
    assert (asked["expires_in"], options["timeout"]) == (300, 300_000)
    asks_anybody = anybody.options
    assert (asks_anybody["rpId"], asks_anybody["userVerification"]) == ("localhost", "required")
    assert asks_anybody["allowCredentials"] == [] and len(asks_anybody["challenge"]) == 43


def test_strangers_are_refused_alike(platform: Platform, person: Actor, key: SecurityKey, anybody: Anybody) -> None:
    make(person, key)
    other = replace(key, id=b"x" * 16)
    before, challenge = facts(platform, person), anybody.options
    anybody.send(other.show(challenge))
    tries = {
        "unknown": other, "wrong signature": replace(key, key=SecurityKey(PAGE).key),
        "another page": replace(key, origin="https://evil.example.com"),
        "another port": replace(key, origin=f"{PAGE}:81"),
        "another domain": replace(key, domain="evil.example.com"),
        "in a frame": replace(key, framed=True),
        "not recognised": replace(key, flags=PRESENT),
        "not present": replace(key, flags=4),
        "of another kind": replace(key, flags=key.flags | MAY_BE_COPIED),
        "impossible": replace(key, flags=key.flags | IS_COPIED),
        "somebody else's": replace(key, owner="AAAA"),
        "nobody's": replace(key, owner=""),
        "made, not shown": Confused(**vars(key)),
    }  # fmt: skip
    answers = {name: seen(anybody.show(one)) for name, one in tries.items()}
    answers["spent"] = seen(anybody.send(key.show(challenge)))
    answers["of a registration"] = seen(anybody.send(key.show(person.do("POST", REGISTER)["options"])))
    person.do("DELETE", f"{LIST}/{person.do('GET', LIST)['data'][0]['id']}")
    answers["removed"] = seen(anybody.show(key))
    assert {name for name, one in answers.items() if one != answers["unknown"]} == set()
    assert (answers["unknown"][0], NOT_ACCEPTED in str(answers["unknown"][2])) == (403, True)
    assert facts(platform, person) == [*before, "passkey.removed"], "strangers write nothing into a person's journal"


def test_a_challenge_holds_five_minutes_and_once(
    key: SecurityKey, person: Actor, anybody: Anybody, clock: Clock
) -> None:
    make(person, key)
    late, soon = key.show(anybody.options), key.show(anybody.options)
    proved = proof(person, key)
    made = {"name": "a", "credential": SecurityKey(PAGE).make(person.do("POST", REGISTER)["options"])}
    clock.forward(minutes=5)
    assert code_of(anybody.send(late)) == NOT_ACCEPTED
    assert person.refused(403, "POST", PROVE, proved) == NOT_ACCEPTED
    assert person.refused(403, "POST", LIST, made) == NOT_ACCEPTED
    last = anybody.options
    clock.forward(seconds=299)
    answer = key.show(last)
    assert [anybody.send(answer).status_code for _ in range(2)] == [201, 403]
    assert code_of(anybody.send(soon)) == NOT_ACCEPTED


def test_of_many_with_one_challenge_one_signs_in(person: Actor, key: SecurityKey, anybody: Anybody) -> None:
    make(person, key)
    answer = key.show(anybody.options)
    answers = at_once(*[partial(anybody.send, answer)] * 4)
    assert sorted(one.status_code for one in answers) == [201, 403, 403, 403]


def test_removing_against_signing_in(person: Actor, key: SecurityKey, anybody: Anybody) -> None:
    path = f"{LIST}/{make(person, key)['id']}"
    tries = [partial(anybody.send, key.show(anybody.options)) for _ in range(3)]
    removed, *shown = at_once(partial(person.ask, "DELETE", path), *tries)
    assert removed.status_code == 200
    assert {one.status_code for one in shown} <= {201, 403}
    assert code_of(anybody.show(key)) == NOT_ACCEPTED
    assert person.do("GET", LIST)["data"] == []
    assert person.refused(404, "DELETE", path) == "not_found"


def test_a_counter_that_went_back_stops_it(
    platform: Platform, person: Actor, key: SecurityKey, anybody: Anybody
) -> None:
    make(person, key)
    copy = replace(key)
    anybody.sign_in(key)
    with capture_logs() as logs:
        assert code_of(anybody.show(copy)) == STOPPED
    assert {"scope": f"person:{person.id}", "event": "passkey_copied", "log_level": "warning"} in logs
    assert code_of(anybody.show(key)) == STOPPED, "neither of the two is believed any more"
    assert code_of(anybody.show(replace(key, key=SecurityKey(PAGE).key))) == NOT_ACCEPTED, "strangers are not told"
    mine = person.do("GET", LIST)["data"][0]
    assert mine["state"] == "stopped" and mine["stopped_at"]
    assert facts(platform, person)[-2:] == ["passkey.used", "passkey.stopped"]
    other = signed_in(person)
    assert other.refused(403, "POST", PROVE, {"code": "123456"}) == MISSING, "it counts no more, and locks nobody out"
    other.do("DELETE", f"{LIST}/{mine['id']}")
    told = [one["kind"] for one in other.do("GET", "/me/security-notices")["data"]]
    assert sorted(told) == ["factor_added", "factor_removed", "passkey_stopped"]


def test_one_that_does_not_count_is_not_missed(person: Actor, anybody: Anybody) -> None:
    in_step = replace(SecurityKey(PAGE, step=0), flags=SecurityKey(PAGE).flags | MAY_BE_COPIED)
    assert (make(person, in_step)["backup_eligible"], person.do("GET", LIST)["data"][0]["backed_up"]) == (True, False)
    anybody.sign_in(replace(in_step, flags=in_step.flags | IS_COPIED))
    anybody.sign_in(in_step)
    assert [one["backed_up"] for one in person.do("GET", LIST)["data"]] == [False]


def test_beside_a_phone_it_is_a_second_factor(
    platform: Platform, person: Actor, key: SecurityKey, anybody: Anybody, clock: Clock
) -> None:
    make(person, key)
    other = signed_in(person)
    assert authenticate(other.token).second_factor_at is None
    body = proof(other, key)
    assert other.do("POST", PROVE, body)["method"] == "pop"
    assert authenticate(other.token).is_fresh(clock.now())
    assert facts(platform, person)[-2:] == ["sign_in.made", "passkey.used"]
    assert other.refused(403, "POST", PROVE, body) == NOT_ACCEPTED
    assert person.refused(403, "POST", PROVE, proof(other, key)) == NOT_ACCEPTED, "the other sign-in was asked"
    stolen = {"passkey": SecurityKey(PAGE).make(person.do("POST", REGISTER)["options"])}
    assert person.refused(422, "POST", PROVE, stolen) == "invalid_input"
    for options in (person.do("POST", REGISTER)["options"], anybody.options):
        assert person.refused(403, "POST", PROVE, {"passkey": key.show(options)}) == NOT_ACCEPTED
    clock.forward(minutes=15)
    assert not authenticate(other.token).is_fresh(clock.now())


def test_a_passkey_of_somebody_else_proves_nothing(app: Flask, person: Actor, key: SecurityKey) -> None:
    make(person, key)
    other, others = somebody(app), SecurityKey(PAGE)
    assert other.refused(403, "POST", "/me/passkey-challenges") == MISSING
    make(other, others)
    assert other.refused(403, "POST", PROVE, proof(other, key)) == NOT_ACCEPTED
    assert other.do("POST", PROVE, proof(other, others))["method"] == "pop"


@pytest.mark.parametrize("both", [{}, {"code": "123456", "passkey": {}}])
def test_one_proof_at_a_time(person: Actor, both: dict[str, Any]) -> None:
    assert person.refused(422, "POST", PROVE, both) == "invalid_input"


def test_who_has_none_makes_one_soon_after_signing_in(person: Actor, key: SecurityKey, clock: Clock) -> None:
    clock.forward(minutes=14)
    body = {"name": "a", "credential": key.make(person.do("POST", REGISTER)["options"])}
    clock.forward(minutes=1)
    assert person.refused(403, "POST", REGISTER) == "fresh_sign_in_required"
    assert person.refused(403, "POST", LIST, body) == "fresh_sign_in_required"


def test_changes_ask_for_a_fresh_proof_where_there_is_one(person: Actor, key: SecurityKey) -> None:
    path, thief = f"{LIST}/{make(person, key)['id']}", signed_in(person)
    for method, asked, body in (
        ("POST", REGISTER, None), ("DELETE", path, None), ("POST", CODES, None),
        ("POST", AUTHENTICATORS, {"name": "a"}),
    ):  # fmt: skip
        assert thief.refused(403, method, asked, body) == REQUIRED
    thief.do("POST", PROVE, proof(thief, key))
    thief.do("DELETE", path)


def test_recovery_codes_stand_in_for_it_and_end_with_it(person: Actor, key: SecurityKey) -> None:
    path = f"{LIST}/{make(person, key)['id']}"
    codes = person.do("POST", CODES)["codes"]
    without = signed_in(person)
    assert without.do("POST", PROVE, {"code": codes[0]})["method"] == "otp"
    without.do("DELETE", path)
    assert person.do("GET", CODES)["left"] == 0


def test_with_an_app_left_the_recovery_codes_stay(person: Actor, key: SecurityKey, clock: Clock) -> None:
    enrolled(person, clock)
    path = f"{LIST}/{make(person, key)['id']}"
    person.do("POST", CODES)
    person.do("DELETE", path)
    assert person.do("GET", CODES)["left"] == 10


def test_its_owner_names_it(app: Flask, person: Actor, key: SecurityKey) -> None:
    made = make(person, key)
    path = f"{LIST}/{made['id']}"
    assert somebody(app).refused(404, "PUT", path, {"name": "x"}, If_Match='"1"') == "not_found"
    assert person.refused(428, "PUT", path, {"name": "x"}) == "if_match_required"
    named = person.do("PUT", path, {"name": "家里"}, If_Match='"1"')
    assert (named["name"], named["version"]) == ("家里", 2)
    assert person.refused(412, "PUT", path, {"name": "x"}, If_Match='"1"') == "stale_version"
