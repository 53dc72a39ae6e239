"""Certificates of signing keys: issued by the platform's own authority, renewed, revoked, and what they prove."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from sqlalchemy import null, update

from app.commands import authority as authority_commands
from app.core.errors import NotFound, WrongState
from app.core.http import Policy
from app.core.ids import PublicId, new_id
from app.core.journal.models import Pending
from app.core.scope import Scope
from app.core.signing_settings import SigningSettings
from app.core.unit import Caller, run, unit
from app.identity.api import Certified, certifying_of, new_issuer, new_root, revoke_signing_key_of
from app.identity.credentials import STAFF
from app.identity.signatures import es256
from app.identity.signatures.authority import Reason, Wanted, certifying
from app.identity.signatures.certificates import ask, revoked_in
from app.identity.signatures.certifying import certify
from app.identity.signatures.models import SigningCertificate, SigningKey
from app.identity.signatures.names import public_id
from app.identity.signatures.own_authority import OwnAuthority
from app.identity.signatures.service import make, revoke
from app.identity.signatures.x509 import Subject, Trust, decoded, request
from tenants.models import Staff
from tests.identity.certificates import (
    CONTENT,
    certificates_of,
    certified_by,
    hospital,
    judged,
    signed,
    signer,
    turned,
)
from tests.platform import Platform

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def authority() -> OwnAuthority:
    """A fresh authority with a fresh root."""
    return OwnAuthority.parse(new_issuer(new_root(NOW), NOW), "https://hospital.example")


def asked(private: bytes, until: datetime) -> Wanted:
    subject = Subject("陈医生", "sta_1", "示范医院", "ten_1", "doctor", "0" * 64)
    return Wanted(new_id(), Scope.for_tenant(7), request(private, es256.ALGORITHM, subject), until, "/crl")


def test_a_certificate_names_the_signer_and_ends_with_the_license() -> None:
    own, (private, _) = authority(), es256.new_key()
    chain = [decoded(one) for one in own.issue(asked(private, NOW + timedelta(days=30)), NOW).chain]
    first = chain[0]
    assert first.subject.rfc4514_string().endswith("OU=doctor,2.5.4.97=ten_1,O=示范医院")
    assert first.not_valid_after_utc == NOW + timedelta(days=30)
    usage = first.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature, usage.value.content_commitment) == (True, True, True)
    points = first.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name == [x509.UniformResourceIdentifier("https://hospital.example/crl")]
    assert Trust((own.root,)).reaches(chain, NOW)
    longest = own.issue(asked(private, NOW + timedelta(days=9999)), NOW)
    assert decoded(longest.chain[0]).not_valid_after_utc == NOW + timedelta(days=365)


def test_a_chain_that_is_not_right_reaches_no_root() -> None:
    own, other, (private, _) = authority(), authority(), es256.new_key()
    chain = [decoded(one) for one in own.issue(asked(private, NOW + timedelta(days=30)), NOW).chain]
    trust = Trust((own.root,))
    assert not Trust((other.root,)).reaches(chain, NOW), "another root"
    assert not trust.reaches(chain, NOW + timedelta(days=30)), "over"
    assert not trust.reaches(chain, NOW - timedelta(seconds=1)), "not begun"
    assert not trust.reaches([chain[0], chain[2]], NOW), "nothing between"
    assert not trust.reaches([chain[1], chain[2]], NOW), "an authority signs no prescription"
    assert not trust.reaches([chain[0], other.certificate, own.root], NOW), "issued by somebody else"
    assert not trust.reaches([chain[2]], NOW)


def test_a_settings_authority_is_read_or_refused() -> None:
    good, policy = new_issuer(new_root(NOW), NOW), Policy.loopback()
    assert certifying_of(SigningSettings(good), policy, "").authority.at_once
    pem = base64.b64decode(good)
    for text in ("x", base64.b64encode(b"text").decode(), base64.b64encode(pem[: len(pem) // 2]).decode()):
        with pytest.raises(ValueError, match="malformed"):
            certifying_of(SigningSettings(text), policy, "")


def test_the_next_issuing_key_comes_under_the_same_root(tmp_path: Path) -> None:
    file = tmp_path / "root"
    made = [CliRunner().invoke(authority_commands, ["make", str(file)]) for _ in range(2)]
    first, second = (OwnAuthority.parse(one.output.strip().partition("=")[2]) for one in made)
    assert file.stat().st_mode & 0o777 == 0o600
    assert first.root == second.root
    assert first.certificate != second.certificate
    file.write_text("text")
    assert CliRunner().invoke(authority_commands, ["make", str(file)]).exit_code == 1


def test_a_key_is_certified_at_once_and_only_then_signs(platform: Platform) -> None:
    scope = hospital()
    by = signer(scope)
    key = make(scope, by)
    (row,) = certificates_of(scope)
    assert (row.state, row.authority, row.key_id, row.due_at is not None) == ("issued", "platform", key.id, True)
    made = judged(scope, signed(scope, key))
    assert (made.holds, made.certified, made.stamped_at) == (True, Certified.CERTIFIED, None)
    assert judged(scope, signed(scope, key), CONTENT + b" ").holds is False
    nobody = Caller(f"staff:{PublicId(STAFF, scope, new_id())}")
    uncertified = make(scope, nobody)
    with pytest.raises(WrongState) as refused:
        signed(scope, uncertified)
    assert refused.value.code == "no_certificate"
    assert certificates_of(scope)[-1].reason == "signer_not_registered"


def test_what_was_signed_before_a_revocation_holds(platform: Platform) -> None:
    scope = hospital()
    by = signer(scope)
    key = make(scope, by)
    before = signed(scope, key)
    revoke(public_id(key), Reason.KEY_COMPROMISE, by, of_all=False)
    assert judged(scope, before).holds
    later = replace(before, signed_at=before.signed_at + timedelta(minutes=1))
    assert judged(scope, later).certified is Certified.REVOKED
    with unit(scope) as reading:
        revoked = revoked_in(reading, "platform")
    own = certifying().authority
    assert isinstance(own, OwnAuthority)
    crl = x509.load_der_x509_crl(own.revoked_list("/crl", revoked, NOW))
    assert crl.is_signature_valid(own.key.public_key())
    entry = crl.get_revoked_certificate_by_serial_number(int(revoked[0][0], 16))
    assert entry
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    with unit(hospital()) as reading, pytest.raises(NotFound):
        revoked_in(reading, "platform")


def test_another_keys_certificate_vouches_for_nothing(platform: Platform) -> None:
    scope = hospital()
    key, other = make(scope, signer(scope)), make(scope, signer(scope))
    made, foreign = signed(scope, key), signed(scope, other)
    forged = replace(foreign, key_id=made.key_id)
    assert judged(scope, forged).certified is Certified.UNTRUSTED
    with certified_by(replace(certifying(), trust=Trust((authority().root,)))):
        assert judged(scope, made).certified is Certified.UNTRUSTED


def test_who_strips_the_certificate_or_claims_an_earlier_day_gains_nothing(platform: Platform) -> None:
    scope = hospital()
    made = signed(scope, make(scope, signer(scope)))
    unknown = replace(made, key_id=str(PublicId("sgk", scope, new_id())))
    assert judged(scope, unknown).certified is Certified.NOT_VALID_THEN
    year = timedelta(days=366)
    assert judged(scope, replace(made, signed_at=made.signed_at + year)).certified is Certified.NOT_VALID_THEN
    assert judged(scope, replace(unknown, signed_at=made.signed_at - year)).certified is Certified.UNCERTIFIED, (
        "from before there was any root"
    )


def test_a_signature_from_before_its_keys_certificate_stays_verifiable(platform: Platform) -> None:
    scope = hospital()
    made = signed(scope, make(scope, signer(scope)))
    former = replace(made, signed_at=made.signed_at - timedelta(hours=1))
    assert (judged(scope, former).certified, judged(scope, former).holds) == (Certified.UNCERTIFIED, True)


def test_a_certificate_is_renewed_while_the_license_holds(platform: Platform) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    with turned() as clock:
        clock.forward(days=330)
        assert certify(scope) == 0, "too early"
        clock.forward(days=6)
        assert certify(scope) == 2, "a look, and the new one"
        old, new = certificates_of(scope)
        assert (old.state, new.state, new.key_id) == ("issued", "issued", key.id)
        clock.forward(days=60)
        assert judged(scope, signed(scope, key)).certified is Certified.CERTIFIED
        assert certify(scope) == 0


def test_a_license_that_ends_ends_the_signing_and_is_prolonged(platform: Platform) -> None:
    scope = hospital()
    by = signer(scope)
    with turned() as clock:
        _licensed_until(scope, clock.now() + timedelta(days=5))
        key = make(scope, by)
        clock.forward(days=7)
        with pytest.raises(WrongState, match="certificate"):
            signed(scope, key)
        with pytest.raises(WrongState) as refused:
            ask(public_id(key), key.staff_id, by)
        assert refused.value.code == "signer_not_registered"
        _licensed_until(scope, clock.now() + timedelta(days=50))
        assert ask(public_id(key), key.staff_id, by).state == "wanted"
        certify(scope)
        assert signed(scope, key).key_id == str(public_id(key))
    with pytest.raises(NotFound):
        ask(public_id(key), new_id(), by)


def test_a_key_without_a_certificate_gets_one_by_and_by(platform: Platform) -> None:
    """As those that were there before certificates were: the migration wants one, whose first entry is version 1."""
    scope = hospital()
    key = make(scope, signer(scope))

    with unit(scope) as changing:
        nothing = dict.fromkeys(("serial", "chain", "not_before", "not_after", "authority"), null())
        as_migrated = update(SigningCertificate).where(SigningCertificate.tenant_id == scope.tenant)
        changing.session.execute(as_migrated.values(state="wanted", version=0, due_at=changing.now, **nothing))
    with pytest.raises(WrongState, match="certificate"):
        signed(scope, key)
    assert certify(scope) == 1
    assert judged(scope, signed(scope, key)).certified is Certified.CERTIFIED
    with unit(scope, on=platform.sealing) as reading:
        types = [row.type for row in reading.all(reading.select(Pending).order_by(Pending.id))]
    assert types[-1] == "signing_certificate.issued"


def test_a_license_without_an_end_is_certified(platform: Platform) -> None:
    """It is written down as one until the last day there is, after which none comes."""
    scope = hospital()
    by = signer(scope)
    _licensed_until(scope, datetime(9999, 12, 31, tzinfo=UTC))
    make(scope, by)
    certify(scope)
    assert [row.state for row in certificates_of(scope)] == ["issued"]


def _licensed_until(scope: Scope, at: datetime) -> None:
    with unit(scope) as changing:
        for row in changing.all(changing.select(Staff)):
            row.registration_until = at.date()


def test_who_leaves_signs_no_more(platform: Platform) -> None:
    scope = hospital()
    key = make(scope, signer(scope))
    before = signed(scope, key)
    run(scope, lambda opened: revoke_signing_key_of(opened, key.staff_id, Reason.AFFILIATION_CHANGED))
    with unit(scope) as reading:
        row = reading.get(SigningKey, key.id)
    assert row
    assert (row.state, certificates_of(scope)[0].reason) == ("revoked", "affiliation_changed")
    assert judged(scope, before).holds
    run(scope, lambda opened: revoke_signing_key_of(opened, key.staff_id, Reason.AFFILIATION_CHANGED))
