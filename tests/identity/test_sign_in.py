"""A person signs in, reads their account and signs out, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from app.core.ids import PublicId
from tests.described import checked
from tests.identity.conftest import Web
from tests.identity.phone import Gateway, Phone, wrong


def ask(web: Web, number: str) -> requests.Response:
    return checked(web.url, requests.post(f"{web.api}/sign-in-codes", json={"phone": number}, timeout=10))


def try_code(web: Web, number: str, code: str, **more: str) -> requests.Response:
    body = {"phone": number, "code": code, **more}
    return checked(web.url, requests.post(f"{web.api}/sign-ins", json=body, timeout=10))


def sign_in(web: Web, phone: Phone, **more: str) -> dict[str, Any]:
    assert ask(web, phone.number).status_code == 202
    answer = try_code(web, phone.number, phone.code, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def bearer(signed_in: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_in['access_token']}"}


def test_first_and_second_sign_in(web: Web, gateway: Gateway, phone: Phone) -> None:
    answer = ask(web, phone.number)
    assert (answer.status_code, answer.json()) == (202, {"expires_in": 300, "resend_in": 60})
    assert answer.headers["Cache-Control"] == "no-store"
    first = try_code(web, phone.number, phone.code, locale="en")
    assert first.status_code == 201
    assert first.headers["Cache-Control"] == "no-store"
    signed_in = first.json()
    assert signed_in["is_new"] is True
    assert (signed_in["token_type"], signed_in["expires_in"]) == ("Bearer", 12 * 3600)
    me = checked(web.url, requests.get(f"{web.api}/me", headers=bearer(signed_in), timeout=10))
    assert me.headers["ETag"] == '"1"'
    assert me.json() == {
        "id": signed_in["person"], "phone": phone.number, "locale": "en", "created_at": me.json()["created_at"],
        "version": 1,
    }  # fmt: skip
    known = PublicId.parse(signed_in["person"], "per")
    assert known.scope.person == known.id


def test_signing_out_ends_the_token_at_once(web: Web, phone: Phone) -> None:
    signed_in = sign_in(web, phone)
    ended = requests.delete(f"{web.api}/sign-ins/current", headers=bearer(signed_in), timeout=10)
    assert ended.status_code == 200, ended.text
    for method, path in (("GET", "/me"), ("DELETE", "/sign-ins/current")):
        answer = requests.request(method, f"{web.api}{path}", headers=bearer(signed_in), timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("spelling", ["{0}", "+86 {0}", "０{0}", "0086-{0}", "{1} {2}-{3}", "wide"])
def test_spellings_of_one_number(web: Web, phone: Phone, spelling: str) -> None:
    bare = phone.number.removeprefix("+86")
    typed = spelling.format(bare, bare[:3], bare[3:7], bare[7:])
    if spelling == "wide":
        typed = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in bare)
    answer = ask(web, typed)
    if spelling == "０{0}":
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/phone")
    else:
        assert answer.status_code == 202, answer.text
        assert len(phone.texts) == 1


def test_code_in_full_width_digits(web: Web, phone: Phone) -> None:
    ask(web, phone.number)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in phone.code)
    assert try_code(web, phone.number, f"{wide[:3]} {wide[3:]}").status_code == 201


@pytest.mark.parametrize("body", [{}, {"phone": 13900000000}, {"phone": ""}, {"phone": "+8613912345678", "x": 1}])
def test_bad_bodies_are_refused(web: Web, body: dict[str, Any]) -> None:
    answer = requests.post(f"{web.api}/sign-in-codes", json=body, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_a_code_that_is_no_code_costs_no_try(web: Web, phone: Phone) -> None:
    ask(web, phone.number)
    for text in ("12345", "1234567", "abcdef", "12345x"):
        assert try_code(web, phone.number, text).status_code == 422
    for _ in range(4):
        assert try_code(web, phone.number, wrong(phone.code)).status_code == 403
    assert try_code(web, phone.number, phone.code).status_code == 201


def test_five_wrong_codes_end_the_challenge(web: Web, phone: Phone) -> None:
    ask(web, phone.number)
    answers = [try_code(web, phone.number, wrong(phone.code)) for _ in range(5)]
    answers.append(try_code(web, phone.number, phone.code))
    assert {(a.status_code, a.json()["code"], a.json()["detail"]) for a in answers} == {
        (403, "code_not_accepted", answers[0].json()["detail"])
    }


def test_a_number_without_challenge_is_answered_like_a_wrong_code(web: Web, gateway: Gateway, phone: Phone) -> None:
    ask(web, phone.number)
    known, unknown = (try_code(web, p.number, wrong(phone.code)) for p in (phone, gateway.phone()))
    one, other = ({k: v for k, v in a.json().items() if k != "request_id"} for a in (known, unknown))
    assert (known.status_code, one) == (unknown.status_code, other)


def test_known_and_unknown_numbers_are_answered_alike(web: Web, gateway: Gateway, phone: Phone) -> None:
    """The second request of both comes within the minute: only what was sent counts, not who has the number."""
    sign_in(web, phone)
    stranger = gateway.phone()
    first = ask(web, stranger.number)
    assert first.status_code == 202
    again = [ask(web, number) for number in (phone.number, stranger.number)]
    assert [a.status_code for a in again] == [429, 429]
    assert again[0].json()["code"] == again[1].json()["code"] == "too_many_codes"
    assert [0 < int(a.headers["Retry-After"]) <= 60 for a in again] == [True, True]


def test_one_code_opens_one_sign_in(web: Web, phone: Phone) -> None:
    ask(web, phone.number)
    code = phone.code
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(lambda _: try_code(web, phone.number, code).status_code, range(20)))
    assert statuses == [201] + [403] * 19


def test_secrets_stay_out_of_the_logs(web: Web, phone: Phone) -> None:
    signed_in = sign_in(web, phone)
    requests.get(f"{web.api}/me", headers=bearer(signed_in), timeout=10)
    try_code(web, phone.number, phone.code)
    text = web.process.log.read_text()
    assert "/api/v1/sign-ins" in text
    for secret in (phone.code, phone.number.removeprefix("+86"), signed_in["access_token"].split(".")[1]):
        assert secret not in text


def test_documented(web: Web) -> None:
    paths = requests.get(f"{web.api}/openapi.json", timeout=10).json()["paths"]
    codes, sign_ins = paths["/api/v1/sign-in-codes"]["post"], paths["/api/v1/sign-ins"]["post"]
    assert {"202", "422", "429", "503"} <= codes["responses"].keys()
    assert {"201", "403", "422"} <= sign_ins["responses"].keys()
    assert codes["security"] == sign_ins["security"] == []
    assert "/api/v1/me" in paths
    assert "delete" in paths["/api/v1/sign-ins/current"]
