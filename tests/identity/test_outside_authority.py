"""An outside certificate authority in the place of the platform's own, well-behaved and not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import pytest

from app.core.errors import WrongState
from app.core.signing_settings import SigningSettings
from app.core.unit import database
from app.identity.api import Certified
from app.identity.signatures.authority import AuthorityUnavailable, Issued, Reason, Revoked, Wanted, certifying
from app.identity.signatures.certifying import certify
from app.identity.signatures.connectors.authority import OutsideAuthority
from app.identity.signatures.names import public_id
from app.identity.signatures.service import make, revoke
from deploy.sandbox.ca.server import Authority
from tests.identity.certificates import (
    KEY,
    certificates_of,
    certified_by,
    hospital,
    judged,
    outside_at,
    signed,
    signer,
    turned,
)
from tests.platform import Platform
from tests.sandbox.listening import listening, told


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the authority listens."""
    with listening(Authority(KEY).listen) as address:
        yield address


@pytest.fixture(autouse=True)
def outside(platform: Platform, url: str) -> Iterator[OutsideAuthority]:
    """The authority, which certifies while the test lasts."""
    told(url, "faults", delay_ms=0)
    changed = outside_at(url)
    assert isinstance(changed.authority, OutsideAuthority)
    with certified_by(changed):
        yield changed.authority


def test_the_worker_gets_the_certificate_and_then_the_key_signs(url: str) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    with pytest.raises(WrongState, match="certificate"):
        signed(scope, key)
    assert certify(scope) == 1
    assert certificates_of(scope)[0].authority == "outside"
    assert judged(scope, signed(scope, key)).certified is Certified.CERTIFIED


@pytest.mark.parametrize("fault", ["drop", "http_500", "lie"])
def test_what_is_not_answered_is_asked_again_and_made_once(url: str, fault: str) -> None:
    scope, made = hospital(), told(url, "made")["made"]
    make(scope, signer(scope))
    told(url, "faults", **{fault: 1})
    assert certify(scope) == 1
    (row,) = certificates_of(scope)
    assert (row.state, row.tries) == ("wanted", 1)
    assert row.due_at
    assert row.due_at > database().clock.now()
    with turned() as clock:
        clock.forward(minutes=1)
        assert certify(scope) == 1
    assert certificates_of(scope)[0].state == "issued"
    assert told(url, "made")["made"] == made + 1


def test_a_refusal_is_final_until_somebody_asks_again(url: str) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    told(url, "faults", refuse=1)
    certify(scope)
    (row,) = certificates_of(scope)
    assert (row.state, row.reason, row.due_at) == ("refused", "identity_not_proved", None)
    with pytest.raises(WrongState, match="certificate"):
        signed(scope, key)


def test_the_authority_hears_of_a_revocation(url: str, outside: OutsideAuthority) -> None:
    scope = hospital()
    by = signer(scope)
    key = make(scope, by)
    certify(scope)
    revoke(public_id(key), Reason.SUPERSEDED, by, of_all=False)
    assert certify(scope) == 1
    (row,) = certificates_of(scope)
    assert row.serial
    assert row.revoked_at
    assert outside.status(row.serial) == Revoked(row.revoked_at, Reason.SUPERSEDED)
    assert row.due_at is None


def test_what_the_authority_revokes_by_itself_is_known_within_a_day(url: str) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    certify(scope)
    (row,) = certificates_of(scope)
    told(url, "revocations", serial=row.serial)
    with turned() as clock:
        clock.forward(days=1, seconds=1)
        assert certify(scope) == 1
        assert certificates_of(scope)[0].reason == "key_compromise"
        with pytest.raises(WrongState, match="certificate"):
            signed(scope, key)


@dataclass(frozen=True)
class Meanwhile:
    """The authority, during whose answer something else happens."""

    inner: OutsideAuthority
    happens: Callable[[], object]
    name: str = "outside"
    at_once: bool = False

    def issue(self, wanted: Wanted, now: datetime) -> Issued:
        """Answer late."""
        issued = self.inner.issue(wanted, now)
        self.happens()
        return issued

    def revoke(self, serial: str, revoked: Revoked) -> None:
        """As the authority does."""
        self.inner.revoke(serial, revoked)

    def status(self, serial: str) -> Revoked | None:
        """As the authority does."""
        return self.inner.status(serial)


def test_a_key_that_ends_while_its_certificate_is_asked_for(outside: OutsideAuthority) -> None:
    """Nothing is certified then, and the authority hears that what it just made counts for nothing."""
    scope = hospital()
    by = signer(scope)
    key = make(scope, by)
    ends = partial(revoke, public_id(key), Reason.UNSPECIFIED, by, of_all=False)
    with certified_by(replace(certifying(), authority=Meanwhile(outside, ends))):
        assert certify(scope) == 2
    (row,) = certificates_of(scope)
    assert (row.state, row.due_at) == ("revoked", None)
    assert row.serial
    assert outside.status(row.serial) is not None


def test_a_key_that_ended_before_is_not_asked_for(url: str) -> None:
    scope = hospital()
    by = signer(scope)
    revoke(public_id(make(scope, by)), Reason.UNSPECIFIED, by, of_all=False)
    assert certify(scope) == 0
    assert [row.state for row in certificates_of(scope)] == ["revoked"]


def test_an_answer_of_another_form_is_none(outside: OutsideAuthority) -> None:
    with pytest.raises(AuthorityUnavailable):
        outside.revoke("zz", Revoked(database().clock.now(), Reason.UNSPECIFIED))
    wrong = OutsideAuthority(outside.client, outside.url, "another key")
    with pytest.raises(AuthorityUnavailable, match="401"):
        wrong.status("1")


def test_a_moment_without_a_zone_is_none(url: str, outside: OutsideAuthority) -> None:
    """It would be read in the zone of this machine."""
    scope = hospital()
    make(scope, signer(scope))
    certify(scope)
    (row,) = certificates_of(scope)
    assert row.serial
    told(url, "revocations", serial=row.serial, at="2026-11-22T12:00:00")
    with pytest.raises(AuthorityUnavailable):
        outside.status(row.serial)


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({}, "CLOUD_SIGNING_AUTHORITY is missing"),
        ({"CLOUD_CA_URL": "https://ca.example", "CLOUD_CA_KEY": "x"}, "CLOUD_SIGNING_ROOTS"),
        ({"CLOUD_CA_URL": "http://ca.example", "CLOUD_CA_KEY": "x"}, "https only"),
        ({"CLOUD_CA_URL": "https://ca.example"}, "CLOUD_CA_KEY"),
        ({"CLOUD_SIGNING_AUTHORITY": "x", "CLOUD_TSA_URL": "https://tsa.example"}, "CLOUD_TSA_ROOTS"),
        ({"CLOUD_SIGNING_AUTHORITY": "x", "CLOUD_TSA_URL": "http://t", "CLOUD_TSA_ROOTS": "x"}, "https only"),
        ({"CLOUD_SIGNING_AUTHORITY": "x", "CLOUD_FACE_URL": "http://f", "CLOUD_FACE_KEY": "x"}, "CLOUD_FACE_URL"),
    ],
)
def test_settings_that_belong_together(environ: dict[str, str], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        SigningSettings.from_environment(environ, production=True)
