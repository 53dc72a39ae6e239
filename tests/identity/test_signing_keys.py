"""Signing keys of staff: one each, made by its owner, revoked by them or an administrator; signatures hold."""

import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.jwk import ECKey

from app.core.errors import Forbidden, NotFound, Problem, WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, run, unit
from app.identity.api import Role, sign, verify_signature
from app.identity.credentials import STAFF
from app.identity.signatures import es256
from app.identity.signatures.authority import Reason
from app.identity.signatures.models import SigningKey
from app.identity.signatures.names import public_id
from app.identity.signatures.service import Signature, make, revoke
from tenants.rules import Kind
from tests.architecture.cast import employed, opened_tenant
from tests.platform import Platform

CONTENT = "处方".encode()


def signer(scope: Scope) -> Caller:
    """A doctor who has no key yet."""
    return Caller(f"staff:{PublicId(STAFF, scope, employed(scope, [Role.DOCTOR]).id)}")


def signed(scope: Scope, key: SigningKey, content: bytes = CONTENT) -> Signature:
    return run(scope, lambda opened: sign(opened, key.staff_id, content))


def test_a_signature_holds_for_exactly_what_was_signed(platform: Platform) -> None:
    scope = opened_tenant(Kind.HOSPITAL)
    key = make(scope, signer(scope))
    made = signed(scope, key)
    assert (made.algorithm, made.key_id) == ("ES256", str(public_id(key)))
    assert verify_signature(made, CONTENT)
    assert not verify_signature(made, CONTENT + b" ")
    other = signed(scope, make(scope, signer(scope)))
    assert not verify_signature(replace(other, public_key=made.public_key), CONTENT)
    assert not verify_signature(replace(made, algorithm="none"), CONTENT)


def test_another_implementation_checks_it_and_is_checked() -> None:
    private, public = es256.new_key()
    key = ECKey.generate_key("P-256")
    theirs = jws.serialize_compact({"alg": "ES256"}, b"x", key)
    content, _, signature = theirs.rpartition(".")
    assert es256.holds({k: str(v) for k, v in key.as_dict(private=False).items()}, signature, content.encode())
    header = base64.urlsafe_b64encode(b'{"alg":"ES256"}').decode().rstrip("=")
    payload = base64.urlsafe_b64encode(b"x").decode().rstrip("=")
    token = f"{header}.{payload}.{es256.sign(private, f'{header}.{payload}'.encode())}"
    ours: dict[str, str | list[str]] = {**public}
    assert jws.deserialize_compact(token, ECKey.import_key(ours)).payload == b"x"


def test_what_is_malformed_does_not_hold() -> None:
    private, public = es256.new_key()
    value = es256.sign(private, CONTENT)
    assert es256.holds(public, value, CONTENT)
    for wrong in ("", "?", value[:-2], value + value, base64.urlsafe_b64encode(bytes(64)).decode().rstrip("="), "ä"):
        assert not es256.holds(public, wrong, CONTENT)
    for broken in ({}, {**public, "crv": "P-384"}, {**public, "x": "AA"}, {**public, "x": 1}, {**public, "kty": "RSA"}):
        assert not es256.holds(broken, value, CONTENT)
    for _ in range(50):
        assert not es256.holds(public, base64.urlsafe_b64encode(secrets.token_bytes(64)).decode().rstrip("="), CONTENT)


def test_a_key_of_another_kind_signs_nothing() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="algorithm"):
        es256.sign(raw, CONTENT)


def test_one_active_key_each_and_what_was_signed_stays(platform: Platform) -> None:
    scope = opened_tenant(Kind.HOSPITAL)
    by = signer(scope)
    key = make(scope, by)
    with pytest.raises(WrongState) as refused:
        make(scope, by)
    assert refused.value.code == "signing_key_exists"
    made = signed(scope, key)
    assert revoke(public_id(key), Reason.UNSPECIFIED, by, of_all=False).state == "revoked"
    with pytest.raises(WrongState) as gone:
        signed(scope, key)
    assert gone.value.code == "no_signing_key"
    with pytest.raises(WrongState):
        revoke(public_id(key), Reason.UNSPECIFIED, by, of_all=False)
    assert verify_signature(made, CONTENT)
    second = make(scope, by)
    assert (second.staff_id, signed(scope, second).key_id) == (key.staff_id, str(public_id(second)))


def test_who_revokes(platform: Platform) -> None:
    scope = opened_tenant(Kind.HOSPITAL)
    key = make(scope, signer(scope))
    with pytest.raises(Forbidden):
        revoke(public_id(key), Reason.UNSPECIFIED, signer(scope), of_all=False)
    with pytest.raises(Forbidden):
        make(scope, Caller("client:cli_x"))
    with pytest.raises(NotFound):
        revoke(PublicId("sgk", opened_tenant(Kind.HOSPITAL), key.id), Reason.UNSPECIFIED, signer(scope), of_all=True)
    assert revoke(public_id(key), Reason.UNSPECIFIED, signer(scope), of_all=True).version == 2


def test_the_private_part_is_encrypted_for_its_place(platform: Platform) -> None:
    scope = opened_tenant(Kind.HOSPITAL)
    key = make(scope, signer(scope))
    with unit(scope) as reading:
        row = reading.get(SigningKey, key.id)
        assert row
        plain = reading.cipher.open(row.private_key, f"tenant:{scope.tenant}/signing_keys/private_key/{row.id}")
    assert es256.holds(key.public_key, es256.sign(plain, CONTENT), CONTENT)
    assert plain not in row.private_key
    assert "d" not in key.public_key


def test_two_keys_are_asked_for_at_once(platform: Platform) -> None:
    scope = opened_tenant(Kind.HOSPITAL)
    by, start = signer(scope), Barrier(4)

    def one(_: int) -> str:
        start.wait(20)
        try:
            make(scope, by)
        except Problem as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(one, range(4))) == ["done"] + ["signing_key_exists"] * 3
