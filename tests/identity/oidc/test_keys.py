"""Keys of ID tokens: replaced by command, published until their tokens have ended, private parts never."""

from datetime import timedelta

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from app.core.unit import run, unit
from app.identity.oidc.models import KeyRing
from app.identity.oidc.rules import ID_TOKEN_LIFE, KEY_KEPT, LEEWAY
from app.identity.oidc.service import keys
from tests.identity.conftest import Clock
from tests.platform import Platform
from tests.warm import command_line


def kids() -> list[str]:
    return [one["kid"] for one in keys.published()["keys"]]


def test_a_rotation_by_command(platform: Platform) -> None:
    former = keys.sign({"sub": "x"})
    done = command_line("keys", "rotate", environ=platform.environ)
    assert done.returncode == 0, done.stderr
    known = KeySet.import_key_set(keys.published())  # type: ignore[arg-type]  # a JWK set
    for token in (former, keys.sign({"sub": "x"})):
        assert jwt.decode(token, known, algorithms=["ES256"]).claims == {"sub": "x"}
    header = jwt.decode(keys.sign({}), known, algorithms=["ES256"]).header
    assert header["kid"] == kids()[-1] == done.stdout.strip()


def test_a_retired_key_is_published_until_its_tokens_have_ended(clock: Clock) -> None:
    former = keys.sign({"sub": "x"})
    kid = keys.rotate()
    assert len(kids()) >= 2
    clock.forward(seconds=(ID_TOKEN_LIFE + LEEWAY).total_seconds())
    assert kids() == [kid]
    assert keys.claims_of(former) == {"sub": "x"}, "still known where somebody signs out"
    clock.forward(seconds=(KEY_KEPT + timedelta(seconds=1)).total_seconds())
    keys.rotate()
    assert keys.claims_of(former) is None


def test_private_parts_stay_here(platform: Platform) -> None:
    keys.sign({})
    assert all(one.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"} for one in keys.published()["keys"])
    with unit(keys._SCOPE) as reading:
        row = reading.first(reading.select(KeyRing))
    assert row
    assert all(one.keys() == {"kid", "public", "made_at", "retired_at"} for one in row.keys)
    assert all("d" not in one["public"] for one in row.keys)
    with pytest.raises(ValueError):
        orjson.loads(row.private)


def test_what_others_signed_is_not_ours(platform: Platform) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": kids()[-1]} if kids() else None)
    assert keys.claims_of(jwt.encode({"alg": "ES256", "kid": kids()[-1]}, {"sub": "x"}, stranger)) is None
    assert keys.claims_of("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.") is None


def test_the_first_key_is_made_once(platform: Platform) -> None:
    first = run(keys._SCOPE, keys._begun)
    assert run(keys._SCOPE, keys._begun) == first
