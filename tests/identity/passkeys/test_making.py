"""What is kept as a passkey and what is not; whose a credential is; and what is forgotten of both."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.identity.passkeys import challenges, holders
from app.identity.passkeys.models import Passkey, PasskeyChallenge, PasskeyHolder
from app.identity.passkeys.names import REMOVED
from app.identity.passkeys.rules import masked, went_back
from app.identity.timers import FORGETTING, TIMERS
from deploy.demo.passkeys import PRESENT, SecurityKey, bytes_of, text_of
from tests.identity.conftest import Clock
from tests.identity.passkeys.keys import (
    CHALLENGE,
    LIST,
    NOT_ACCEPTED,
    PAGE,
    PROVE,
    REGISTER,
    SIGN_IN,
    Anybody,
    code_of,
    make,
    proof,
    somebody,
)
from tests.identity.test_second_factors import signed_in
from tests.platform import Platform
from tests.tenants.world import Actor, at_once

LETTING_GO = {timer.name: timer.task for timer in TIMERS}


def told(credential: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The same answer of a browser with another statement of its authenticator."""
    said = {**cbor2.loads(bytes_of(credential["response"]["attestationObject"])), **changed}
    return {**credential, "response": {**credential["response"], "attestationObject": text_of(cbor2.dumps(said))}}


class OffTheCurve(SecurityKey):
    """Says that it has a key which is none."""

    def _public_key(self) -> dict[int, Any]:
        return {**super()._public_key(), -2: bytes(32)}


class OfAnotherKind(SecurityKey):
    """Signs by an algorithm that nobody asked for (ES512)."""

    def _public_key(self) -> dict[int, Any]:
        return {**super()._public_key(), 3: -36}


Wrong = Callable[[SecurityKey, Any], Any]
REFUSED: Mapping[str, Wrong] = {
    "another page": lambda key, options: replace(key, origin="https://evil.example.com").make(options),
    "another domain": lambda key, options: key.make({**options, "rp": {"id": "evil.example.com"}}),
    "another challenge": lambda key, options: key.make({**options, "challenge": "AAAA"}),
    "in a frame": lambda key, options: replace(key, framed=True).make(options),
    "not recognised": lambda key, options: replace(key, flags=PRESENT).make(options),
    "too long an id": lambda key, options: replace(key, id=b"x" * 1024).make(options),
    "another id": lambda key, options: {**key.make(options), "id": "AAAA", "rawId": "AAAA"},
    "off the curve": lambda key, options: OffTheCurve(**vars(key)).make(options),
    "another algorithm": lambda key, options: OfAnotherKind(**vars(key)).make(options),
    "attested by others": lambda key, options: told(key.make(options), fmt="fido-u2f"),
    "more than said": lambda key, options: told(key.make(options), authData=b"x" * 37),
    "a number": lambda key, options: told(key.make(options), fmt=1),
}


def test_what_is_not_kept(person: Actor, key: SecurityKey) -> None:
    def answered(wrong: Wrong) -> tuple[int, str]:
        options = person.do("POST", REGISTER)["options"]
        answer = person.ask("POST", LIST, {"name": "a", "credential": wrong(key, options)})
        return answer.status_code, answer.get_json().get("code")

    assert {name: answered(wrong) for name, wrong in REFUSED.items()} == dict.fromkeys(REFUSED, (403, NOT_ACCEPTED))
    assert person.do("GET", LIST)["data"] == []


def attested(key: SecurityKey, options: Any, fmt: str) -> dict[str, Any]:
    """A passkey with a statement about it: of its own key (`packed`), or of its maker's certificate (`fido-u2f`)."""
    made = key.make(options)
    said = cbor2.loads(bytes_of(made["response"]["attestationObject"]))["authData"]
    asked = hashlib.sha256(bytes_of(made["response"]["clientDataJSON"])).digest()
    if fmt == "packed":
        return told(made, fmt=fmt, attStmt={"alg": -7, "sig": key.key.sign(said + asked, ec.ECDSA(SHA256()))})
    point = key.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    signed = key.key.sign(b"\x00" + said[:32] + asked + key.id + point, ec.ECDSA(SHA256()))
    return told(made, fmt=fmt, attStmt={"sig": signed, "x5c": [certificate(key.key)]})


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    """One that its owner signed."""
    name, begins = x509.Name([]), datetime(2026, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=9999))
    return built.sign(key, SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(("fmt", "status"), [("packed", 201), ("fido-u2f", 403)])
def test_who_made_a_device_is_not_asked(person: Actor, key: SecurityKey, fmt: str, status: int) -> None:
    body = {"name": "a", "credential": attested(key, person.do("POST", REGISTER)["options"], fmt)}
    assert person.ask("POST", LIST, body).status_code == status


def test_what_is_refused_spends_its_challenge(person: Actor, key: SecurityKey) -> None:
    options = person.do("POST", REGISTER)["options"]
    for one in (replace(key, flags=PRESENT), key):
        body = {"name": "a", "credential": one.make(options)}
        assert person.refused(403, "POST", LIST, body) == NOT_ACCEPTED


def test_who_began_before_there_was_a_second_factor_proves_it_all_the_same(person: Actor, key: SecurityKey) -> None:
    thief = signed_in(person)
    body = {"name": "a", "credential": SecurityKey(PAGE).make(thief.do("POST", REGISTER)["options"])}
    make(person, key)
    assert thief.refused(403, "POST", LIST, body) == "second_factor_required"


def test_what_was_asked_to_be_shown_makes_nothing(person: Actor, key: SecurityKey, app: Flask) -> None:
    make(person, key)
    made = person.do("POST", REGISTER)["options"]
    for asked in (person.do("POST", CHALLENGE)["options"], Anybody(app).options):
        body = {"name": "a", "credential": SecurityKey(PAGE).make({**made, "challenge": asked["challenge"]})}
        assert person.refused(403, "POST", LIST, body) == NOT_ACCEPTED
    other = signed_in(person)
    other.do("POST", PROVE, proof(other, key))
    body = {"name": "a", "credential": SecurityKey(PAGE).make(made)}
    assert other.refused(403, "POST", LIST, body) == NOT_ACCEPTED, "the other sign-in was asked"


def test_asked_twice_it_is_made_once(person: Actor, key: SecurityKey, app: Flask) -> None:
    body = {"name": "a", "credential": key.make(person.do("POST", REGISTER)["options"])}
    first, again = (person.do("POST", LIST, body, Idempotency_Key="k" * 32) for _ in range(2))
    assert first == again == person.do("GET", LIST)["data"][0]
    assert person.refused(403, "POST", LIST, body) == NOT_ACCEPTED
    known = {"name": "a", "credential": key.make(person.do("POST", REGISTER)["options"])}
    assert person.refused(409, "POST", LIST, known) == "passkey_known"
    Anybody(app).sign_in(key)


def test_a_credential_is_one_persons(app: Flask, person: Actor, key: SecurityKey) -> None:
    make(person, key)
    thief = somebody(app)
    body = {"name": "a", "credential": replace(key).make(thief.do("POST", REGISTER)["options"])}
    assert thief.refused(403, "POST", LIST, body) == NOT_ACCEPTED
    assert Anybody(app).sign_in(key).do("GET", "/me")["id"] == person.do("GET", "/me")["id"]


def test_of_two_who_claim_one_credential_at_once_one_has_it(app: Flask, key: SecurityKey) -> None:
    people = [somebody(app), somebody(app)]
    bodies = [{"name": "a", "credential": replace(key).make(one.do("POST", REGISTER)["options"])} for one in people]
    answers = at_once(*(partial(one.ask, "POST", LIST, body) for one, body in zip(people, bodies, strict=True)))
    assert sorted(one.status_code for one in answers) == [201, 403]


def test_of_many_with_one_challenge_one_is_made(person: Actor) -> None:
    options = person.do("POST", REGISTER)["options"]
    bodies = [{"name": "a", "credential": SecurityKey(PAGE).make(options)} for _ in range(3)]
    answers = at_once(*(partial(person.ask, "POST", LIST, body) for body in bodies))
    assert sorted(one.status_code for one in answers) == [201, 403, 403]
    assert len(person.do("GET", LIST)["data"]) == 1


def test_ten_are_enough(person: Actor) -> None:
    begun = person.do("POST", REGISTER)["options"]
    run(Scope.for_person(person.id), _ten)
    body = {"name": "a", "credential": SecurityKey(PAGE).make(begun)}
    assert person.refused(409, "POST", LIST, body) == "too_many_passkeys"
    assert person.refused(409, "POST", REGISTER) == "too_many_passkeys"


def _ten(opened: Unit) -> None:
    for _ in range(10):
        opened.add(
            Passkey(
                id=new_id(), name="a", credential_id=new_id().bytes, public_key=b"", sign_count=0, transports=[],
                aaguid=new_id(), backup_eligible=False, backed_up=False, state="stopped", stopped_at=opened.now,
                version=1, created_at=opened.now,
            )
        )  # fmt: skip


DEEP = text_of(b"[" * 9000)
MALFORMED: list[Any] = [
    None, [], "x", {}, {"id": "AAAA"},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA"}},
    {"id": "é", "rawId": "é", "type": "public-key", "response": {}},
    *(
        {
            "id": "AAAA", "rawId": "AAAA", "type": "public-key",
            "response": {"clientDataJSON": text, "attestationObject": "AAAA", "authenticatorData": "", "signature": ""},
        }
        for text in ("AAAA", DEEP, text_of(b"[]"), text_of(b"{}"), text_of(b'{"type":1,"challenge":1,"origin":1}'), "A")
    ),
    {"id": "x" * 20_000},
]  # fmt: skip


def test_what_no_browser_answers(app: Flask, person: Actor) -> None:
    for credential in MALFORMED:
        made, shown = {"name": "a", "credential": credential}, {"credential": credential}
        assert person.refused(422, "POST", LIST, made) == "invalid_input"
        assert Actor(app, "").refused(422, "POST", SIGN_IN, shown) == "invalid_input"


@pytest.mark.parametrize("bomb", [b"\x9f" * 3000, b"\xbb" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\xd8\x1d\x00" * 99])
def test_what_blows_up_is_refused(person: Actor, key: SecurityKey, bomb: bytes) -> None:
    """Deep, endless and self-referring CBOR."""
    credential = key.make(person.do("POST", REGISTER)["options"])
    credential["response"]["attestationObject"] = text_of(bomb)
    assert person.refused(403, "POST", LIST, {"name": "a", "credential": credential}) == NOT_ACCEPTED


def rows(person: Actor, model: type[Any]) -> list[Any]:
    with unit(Scope.for_person(person.id)) as reading:
        return reading.all(reading.select(model))


def holder(key: SecurityKey) -> PasskeyHolder | None:
    with unit(credential_scope(key)) as reading:
        return reading.first(reading.select(PasskeyHolder))


def credential_scope(key: SecurityKey) -> Scope:
    return Scope.for_key("passkey_holders", database().blind.digest("passkey", text_of(key.id)))


def test_unanswered_challenges_are_forgotten(person: Actor, clock: Clock) -> None:
    person.do("POST", REGISTER)
    scope = Scope.for_person(person.id)
    assert FORGETTING.task(scope) == 0
    asked = challenges.ask_anybody()
    anybodys = Scope.for_key("sign_in_challenges", database().blind.digest("passkey_challenge", text_of(asked)))
    clock.forward(minutes=5)
    assert [FORGETTING.task(one) for one in (scope, anybodys)] == [1, 1]
    assert rows(person, PasskeyChallenge) == []


def test_only_digests_of_challenges_are_kept(platform: Platform, person: Actor, app: Flask) -> None:
    asked = [person.do("POST", REGISTER)["options"]["challenge"], Anybody(app).options["challenge"]]
    tables = (b"SELECT * FROM passkey_challenges", b"SELECT * FROM sign_in_challenges")
    with platform.connection() as connection:
        kept = str([connection.execute(table).fetchall() for table in tables])
    assert not any(one in kept or bytes_of(one).hex() in kept for one in asked)


def test_a_reservation_that_nothing_followed_is_let_go(person: Actor, key: SecurityKey, clock: Clock) -> None:
    assert holders.reserve(key.id, person.id)
    scope, let_go = credential_scope(key), LETTING_GO["let-credentials-go"]
    assert (let_go(scope), holder(key) is None) == (0, False)
    clock.forward(days=1)
    assert (let_go(scope), holder(key)) == (1, None)


def test_a_reservation_whose_passkey_is_there_is_confirmed(person: Actor, key: SecurityKey, clock: Clock) -> None:
    """Whoever kept it died before they said so."""
    make(person, key)
    scope = credential_scope(key)
    run(scope, partial(_made_due, clock=clock))
    assert LETTING_GO["let-credentials-go"](scope) == 1
    kept = holder(key)
    assert kept and (kept.person_id, kept.due_at) == (person.id, None)


def _made_due(opened: Unit, clock: Clock) -> None:
    opened.session.scalars(opened.select(PasskeyHolder)).one().due_at = clock.now()


def test_what_a_removal_left_is_deleted(app: Flask, person: Actor, key: SecurityKey) -> None:
    """Whoever removed it died before the credential was let go; until then it signs in no more all the same."""
    make(person, key)
    run(Scope.for_person(person.id), _removed)
    assert code_of(Anybody(app).show(key)) == NOT_ACCEPTED
    assert person.do("GET", LIST)["data"] == []
    assert LETTING_GO["let-passkeys-go"](Scope.for_person(person.id)) == 1
    assert (rows(person, Passkey), holder(key)) == ([], None)
    make(person, key)


def _removed(opened: Unit) -> None:
    row = opened.session.scalars(opened.select(Passkey)).one()
    row.state, row.due_at = REMOVED, opened.now


def test_removed_it_leaves_nothing(person: Actor, key: SecurityKey) -> None:
    person.do("DELETE", f"{LIST}/{make(person, key)['id']}")
    assert (rows(person, Passkey), holder(key)) == ([], None)


@pytest.mark.parametrize(
    ("kept", "shown", "back"), [(0, 0, False), (0, 1, False), (1, 2, False), (1, 1, True), (2, 1, True), (1, 0, True)]
)
def test_when_a_counter_went_back(kept: int, shown: int, *, back: bool) -> None:
    assert went_back(kept, shown) is back


@pytest.mark.parametrize(("phone", "shown"), [("+8613912345678", "+86139****5678"), ("+1234567", "****4567")])
def test_how_a_number_is_shown(phone: str, shown: str) -> None:
    assert masked(phone) == shown
