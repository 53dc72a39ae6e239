"""What opens an account, on which device, and what strangers learn by trying."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import process_time
from typing import Any

import pytest
from flask import Flask

from app.core.errors import Refused
from app.core.ids import new_id
from app.core.unit import run
from app.identity.api import StatedIdentity, authenticate
from app.identity.devices.rules import KNOWN_FOR
from app.identity.devices.service import Place
from app.identity.passwords.hashing import hashed, is_right
from app.identity.recoveries.service import let_in
from app.identity.service.sign_in_ways import Asked, Proofs, sign_in
from tests.identity.accounts.owners import NAME, PASSWORD, Owner, Stopped, later
from tests.identity.phone import wrong

REQUIRED, NOT_ACCEPTED, TOO_SOON = "second_proof_required", "proof_not_accepted", "too_many_tries"
PROTECTIONS = [Owner.verify, Owner.set_password, Owner.enrol]
PROOFS: dict[str, Callable[[Owner], dict[str, Any]]] = {
    "identity": lambda owner: {"identity": owner.identity},
    "password": lambda owner: {"password": PASSWORD},
    "second factor": lambda owner: {"second_factor": owner.otp()},
}
WRONG: dict[str, Callable[[Owner], dict[str, Any]]] = {
    "name": lambda owner: {"identity": {**owner.identity, "name": "李四"}},
    "number": lambda owner: {"identity": {**owner.identity, "number_end": "000000"}},
    "password": lambda owner: {"password": PASSWORD + "x"},
    "second factor": lambda owner: {"second_factor": wrong(owner.otp())},
    "one of two": lambda owner: {"password": PASSWORD, "identity": {**owner.identity, "name": "李四"}},
}


@pytest.fixture
def protected(owner: Owner) -> Owner:
    """Somebody with everything that can be protected."""
    return owner.enrol().set_password().verify()


def test_without_anything_to_protect_a_code_is_enough_anywhere(owner: Owner) -> None:
    assert owner.device_token
    again = owner.ask(code=owner.code())
    assert again.status_code == 201 and again.json
    assert (again.json["is_new"], again.json["device_token"]) == (False, None)
    other = owner.elsewhere().sign_in()
    assert other.device_token and other.device_token != owner.device_token


@pytest.mark.parametrize("protect", PROTECTIONS)
def test_the_phone_alone_does_not_open_what_was_proved_or_set(owner: Owner, protect: Callable[[Owner], Owner]) -> None:
    protect(owner)
    assert owner.elsewhere().refused(code=owner.code()) == REQUIRED
    assert owner.ask(code=owner.code()).status_code == 201, "the device is known"


@pytest.mark.parametrize("proof", sorted(PROOFS))
def test_the_same_code_and_a_second_proof(protected: Owner, proof: str) -> None:
    there = protected.elsewhere()
    code = there.code()
    assert there.refused(code=code) == REQUIRED
    shown = PROOFS[proof](protected)
    there.sign_in(code=code, **shown)
    assert there.refused(code=code, **shown) == "code_not_accepted"
    assert there.me.do("GET", "/me")["phone"] == protected.phone
    assert there.ask(code=there.code()).status_code == 201, "the device is known now"


def test_what_is_wrong_is_not_said_and_costs_time(protected: Owner, stopped: Stopped) -> None:
    there, waited = protected.elsewhere(), 1
    code = there.code()
    for shown in WRONG.values():
        assert there.refused(code=code, **shown(protected)) == NOT_ACCEPTED
        again = there.ask(code=code, identity=protected.identity)
        assert (again.status_code, again.headers["Retry-After"]) == (429, str(waited))
        later(stopped, hours=1)
        waited, code = 2 * waited, there.code()
    there.sign_in(code=code, identity=protected.identity)


def test_who_was_let_in_once_uses_it_up_on_a_known_device_too(owner: Owner) -> None:
    owner.verify()
    run(owner.scope, lambda opened: let_in(opened, new_id()))
    owner.sign_in()
    assert owner.elsewhere().refused(code=owner.code()) == REQUIRED


def test_a_number_that_was_silent_is_perhaps_somebody_elses(owner: Owner, stopped: Stopped) -> None:
    owner.verify()
    later(stopped, seconds=KNOWN_FOR.total_seconds() - 100)
    owner.sign_in()
    later(stopped, seconds=KNOWN_FOR.total_seconds())
    assert owner.refused(code=owner.code()) == REQUIRED


def test_a_password_alone_on_a_known_device(owner: Owner) -> None:
    owner.set_password()
    assert owner.ask(password=PASSWORD).status_code == 201
    assert owner.refused(password=PASSWORD + "x") == NOT_ACCEPTED


def test_what_an_input_method_writes_in_full_width_is_the_same(owner: Owner) -> None:
    owner.set_password("horse-battery-2026")
    assert owner.ask(password="ｈｏｒｓｅ－ｂａｔｔｅｒｙ－２０２６").status_code == 201


def test_on_another_device_no_password_is_looked_at_alone(owner: Owner, api: Flask, stopped: Stopped) -> None:
    owner.set_password()
    there, nobody = owner.elsewhere(), Owner(api, stopped)
    answers = [one.ask(password=typed) for one in (there, nobody) for typed in (PASSWORD, "x" * 20)]
    assert {(one.status_code, one.json["code"]) for one in answers if one.json} == {(403, "code_required")}


def test_a_password_and_a_second_factor_open_any_device_and_are_fresh(owner: Owner) -> None:
    there = owner.enrol().set_password().elsewhere()
    there.sign_in(password=PASSWORD, second_factor=there.otp())
    assert authenticate(there.token).second_factor_at == there.clock.now()


def test_who_has_no_account_is_answered_as_a_wrong_password_is(owner: Owner, api: Flask, stopped: Stopped) -> None:
    there, nobody = owner.enrol().set_password().elsewhere(), Owner(api, stopped)
    tries = [
        {"password": "x" * 20, "second_factor": "123456"}, {"password": PASSWORD, "second_factor": wrong(owner.otp())},
    ]  # fmt: skip
    for shown in tries:
        seen = [one.ask(**shown) for one in (there, nobody)]
        assert {one.status_code for one in seen} == {403}
        assert len({(one.json["code"], one.json["detail"]) for one in seen if one.json}) == 1
        assert [one.refused(**shown) for one in (there, nobody)] == [TOO_SOON, TOO_SOON]
        later(stopped, hours=1)


def test_nobodys_password_costs_as_much_as_a_wrong_one() -> None:
    stored = hashed("one")

    def cost(of: str | None) -> float:
        began = process_time()
        assert not is_right("another", of)
        return process_time() - began

    is_right("warm", None)
    costs = [min(cost(of) for _ in range(2)) for of in (stored, None)]
    assert 0.5 < costs[0] / costs[1] < 2


def test_strangers_slow_down_neither_the_known_device_nor_who_has_the_code(owner: Owner, stopped: Stopped) -> None:
    there = owner.enrol().set_password().elsewhere()
    for _ in range(3):
        assert there.refused(password="x" * 20, second_factor="123456") == NOT_ACCEPTED
        later(stopped, hours=1)
    assert there.refused(password="x" * 20, second_factor="123456") == NOT_ACCEPTED
    assert there.refused(password=PASSWORD, second_factor="123456") == TOO_SOON
    assert owner.ask(password=PASSWORD).status_code == 201
    assert there.ask(code=there.code(), password=PASSWORD).status_code == 201
    later(stopped, hours=1)
    assert there.ask(password=PASSWORD, second_factor=there.otp()).status_code == 201, "locked out for good"


def test_of_many_guesses_at_once_one_is_looked_at(owner: Owner) -> None:
    owner.set_password()
    with ThreadPoolExecutor(5) as threads:
        codes = sorted(threads.map(lambda _: owner.refused(password="x" * 20), range(5)))
    assert codes == [NOT_ACCEPTED] + [TOO_SOON] * 4


def test_another_persons_device_is_not_known(owner: Owner, api: Flask, stopped: Stopped) -> None:
    stranger = Owner(api, stopped).sign_in()
    owner.verify()
    stranger.phone = owner.phone
    assert stranger.refused(code=stranger.code()) == REQUIRED


@pytest.mark.parametrize("device", ["known", "new"])
def test_without_code_and_password_nothing_opens(owner: Owner, device: str) -> None:
    owner.enrol().set_password().verify()
    token = owner.device_token if device == "known" else None
    place = Place((token,) if token else ())
    stated = StatedIdentity(NAME, owner.number[-6:])
    for proofs in (Proofs(), Proofs(second_factor=owner.otp()), Proofs(identity=stated)):
        refused = sign_in(Asked(owner.phone, proofs, place), "")
        assert isinstance(refused, Refused) and refused.problem.code == NOT_ACCEPTED


def test_nothing_shown_is_no_request(owner: Owner) -> None:
    answer = owner.ask()
    assert answer.status_code == 422 and answer.json
    assert answer.json["errors"][0]["pointer"] == "/code"
