"""Time stamps of signatures: fetched after the signature was committed, believed only from a trusted authority."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from app.core.unit import database, unit
from app.identity.signatures.models import SignatureStamp
from app.identity.signatures.service import make
from app.identity.signatures.stamps.stamping import stamp
from app.identity.signatures.stamps.tokens import BadToken, answered, believed
from app.identity.signatures.x509 import Trust
from deploy.sandbox.tsa.server import Authority
from tests.identity import foreign_stamp
from tests.identity.certificates import certified_by, hospital, judged, signed, signer, stamped_at, turned
from tests.platform import Platform
from tests.sandbox.listening import listening, told

DIGEST = hashlib.sha256(b"signature value").digest()
FOREIGN = Trust((x509.load_pem_x509_certificate(foreign_stamp.ROOT),))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the authority listens."""
    with listening(Authority().listen) as address:
        yield address


@pytest.fixture
def stamping(platform: Platform, url: str) -> Iterator[str]:
    """The authority, which stamps while the test lasts."""
    told(url, "faults", delay_ms=0)
    with certified_by(stamped_at(url)):
        yield url


def test_another_programs_stamp_is_read() -> None:
    made = answered(foreign_stamp.REPLY, DIGEST, foreign_stamp.NONCE, FOREIGN)
    assert made.at == foreign_stamp.AT
    assert believed(made.token, DIGEST, FOREIGN) == made


def test_a_stamp_of_something_else_or_by_somebody_else_is_none() -> None:
    token = answered(foreign_stamp.REPLY, DIGEST, foreign_stamp.NONCE, FOREIGN).token
    with pytest.raises(BadToken, match="another question"):
        answered(foreign_stamp.REPLY, DIGEST, 1, FOREIGN)
    with pytest.raises(BadToken, match="something else"):
        believed(token, hashlib.sha256(b"another").digest(), FOREIGN)
    with pytest.raises(BadToken, match="trusted"):
        believed(token, DIGEST, Trust(()))
    for at in range(0, len(token), 7):
        with pytest.raises(BadToken):
            believed(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :], DIGEST[:-1] + b"x", FOREIGN)
    time = token.index(b"20261122102407")
    with pytest.raises(BadToken, match="signature"):
        believed(token[:time] + b"20251122102407" + token[time + 14 :], DIGEST, FOREIGN)


def test_signing_waits_for_nobody_and_the_worker_stamps(stamping: str) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    told(stamping, "faults", drop=1)
    made = signed(scope, key)
    assert judged(scope, made).stamped_at is None
    assert stamp(scope) == 1
    assert stamp(scope) == 0, "it is put off"
    assert judged(scope, made).holds
    with turned() as clock:
        clock.forward(minutes=1)
        assert stamp(scope) == 1
    found = judged(scope, made)
    assert found.holds
    assert found.stamped_at
    assert abs(found.stamped_at - made.signed_at) < timedelta(minutes=1)


@pytest.mark.parametrize("fault", ["http_500", "refuse", "lie"])
def test_what_is_no_stamp_is_asked_for_again_and_missed_after_a_day(stamping: str, fault: str) -> None:
    scope = hospital()
    made = signed(scope, make(scope, signer(scope)))
    told(stamping, "faults", **{fault: 2})
    with turned() as clock, capture_logs() as logs:
        assert stamp(scope) == 1
        clock.forward(days=1, seconds=1)
        assert stamp(scope) == 1
        assert [one["event"] for one in logs] == ["stamp_authority_silent", "signature_unstamped"]
        assert logs[1]["log_level"] == "error"
        clock.forward(hours=2)
        assert stamp(scope) == 1
    with unit(scope) as reading:
        (row,) = reading.all(reading.select(SignatureStamp))
    assert row.token
    assert row.due_at is None
    assert judged(scope, made).stamped_at == row.stamped_at


def test_the_stamps_time_decides_what_held_then(stamping: str) -> None:
    """A signature whose signer claims an earlier day is held against the certificates of the stamped moment."""
    scope = hospital()
    made = signed(scope, make(scope, signer(scope)))
    stamp(scope)
    with turned() as clock:
        clock.forward(days=400)
        assert database().clock.now() > made.signed_at
        assert judged(scope, made).holds, "it was valid then"


def test_without_an_authority_nothing_is_wanted(platform: Platform) -> None:
    scope = hospital()
    signed(scope, make(scope, signer(scope)))
    with unit(scope) as reading:
        assert reading.all(reading.select(SignatureStamp)) == []
    assert stamp(scope) == 0
