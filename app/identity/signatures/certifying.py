"""Asking the authority, between units: for certificates, whether they are good, and that they are revoked.

Each step is leased before the question and recorded after the answer; a process that dies in between is followed by
another with the same question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from cryptography import x509

from app.core.calendar import ZONE
from app.core.ports import Signer, ports
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, database, run
from app.identity.signatures import certificates
from app.identity.signatures.authority import (
    AuthorityRefused,
    AuthorityUnavailable,
    CertificateAuthority,
    Revoked,
    Wanted,
    certifying,
)
from app.identity.signatures.content import private_part
from app.identity.signatures.models import SigningCertificate, SigningKey
from app.identity.signatures.names import CRL_PATH, CertificateState, certificate_id, staff_of
from app.identity.signatures.x509 import Subject, decoded, is_of, request

LEASE = timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
LOUD = 10
"""After so many tries in vain each further one is an alarm."""
CLOCKS = timedelta(minutes=5)
"""By how much an authority's clock may differ from ours at the end of a certificate."""
log = structlog.get_logger()


@dataclass(frozen=True)
class _Job:
    """A row that was leased, and what the authority is asked about it."""

    row: SigningCertificate
    public_key: dict[str, Any]
    wanted: Wanted | None = field(repr=False)
    """None where nobody may have a certificate for the key, or none is due."""


def certify(scope: Scope) -> int:
    """Do what is due about the certificates of a tenant; returns how many questions that took."""
    done = 0
    while (job := run(scope, _lease)) is not None:
        try:
            _STEPS[CertificateState(job.row.state)](scope, job)
        except AuthorityUnavailable as silent:
            _put_off(scope, job, silent)
        done += 1
    return done


CERTIFYING = Timer("certify-signing-keys", (SigningCertificate,), certify)


def _lease(opened: Unit) -> _Job | None:
    """The next row that is due: nobody else takes it for a while."""
    due = opened.select(SigningCertificate).where(SigningCertificate.due_at <= opened.now)
    row = opened.first(due.order_by(SigningCertificate.due_at).with_for_update(skip_locked=True))
    if row is None:
        return None
    key = opened.get(SigningKey, row.key_id)
    if key is None:
        raise LookupError("a certificate of no key")
    row.due_at, row.tries = opened.now + LEASE, row.tries + 1
    return _Job(row, key.public_key, _wanted(opened, row, key))


def _wanted(opened: Unit, row: SigningCertificate, key: SigningKey) -> Wanted | None:
    signer = ports().signer_of(opened, row.staff_id)
    if signer is None:
        return None
    asked = request(private_part(opened, key), key.algorithm, _subject(opened, row, signer))
    return Wanted(row.id, opened.scope, asked, _end_of(signer), f"{CRL_PATH}{signer.tenant}")


def _subject(opened: Unit, row: SigningCertificate, signer: Signer) -> Subject:
    digest = opened.blind.digest("license_number", signer.license_number)
    return Subject(signer.name, str(staff_of(row)), signer.tenant_name, signer.tenant, signer.role, digest)


def _end_of(signer: Signer) -> datetime:
    """The instant at which the last day of the license is over; the last midnight there is where it has no end."""
    last = min(signer.until, date.max - timedelta(days=1))
    return datetime.combine(last + timedelta(days=1), time.min, ZONE)


def _issue(scope: Scope, job: _Job) -> None:
    if job.wanted is None:
        _change(scope, job, lambda opened, row: certificates.refuse(opened, row, "signer_not_registered"))
        return
    authority, now = certifying().authority, database().clock.now()
    try:
        issued = authority.issue(job.wanted, now)
    except AuthorityRefused as refused:
        code = refused.code
        _change(scope, job, lambda opened, row: certificates.refuse(opened, row, code))
        return
    chain = [decoded(one) for one in issued.chain]
    if not _is_right(job, chain, now):
        log.error("certificate_wrong", certificate=str(certificate_id(job.row)))
        raise AuthorityUnavailable("a certificate that is not what was asked for")
    look_at = _next_look(authority, chain[0].not_valid_after_utc, now)
    _change(scope, job, lambda opened, row: certificates.issue(opened, row, chain, look_at))


def _is_right(job: _Job, chain: Sequence[x509.Certificate], now: datetime) -> bool:
    if job.wanted is None or not certifying().trust.reaches(chain, now):
        return False
    is_short = chain[0].not_valid_after_utc <= job.wanted.not_after + CLOCKS
    return is_of(chain[0], job.public_key) and is_short


def _look(scope: Scope, job: _Job) -> None:
    """Whether the authority revoked it by itself, and whether it is time for the next one."""
    authority, row = certifying().authority, job.row
    if row.serial is None or row.not_after is None:
        raise LookupError("an issued certificate without its number")
    revoked = authority.status(row.serial) if row.authority == authority.name else None
    if revoked is not None:
        _change(scope, job, lambda opened, locked: certificates.revoke(opened, locked, revoked, told=True))
        return
    _change(scope, job, lambda opened, locked: _go_on(opened, locked, job.wanted, authority))


def _go_on(opened: Unit, row: SigningCertificate, wanted: Wanted | None, authority: CertificateAuthority) -> None:
    """Ask for the next certificate where the license holds longer than this one; look again where it may."""
    row.tries = 0
    if row.not_after is None or row.not_after <= opened.now:
        row.due_at = None
    elif opened.now >= row.not_after - certificates.RENEWED_BEFORE and wanted and wanted.not_after > row.not_after:
        key = opened.get(SigningKey, row.key_id)
        if key is not None:
            certificates.want(opened, key)
        row.due_at = None
    else:
        row.due_at = _next_look(authority, row.not_after, opened.now)


def _next_look(authority: CertificateAuthority, not_after: datetime, now: datetime) -> datetime:
    tomorrow = now + certificates.LOOKED_AT
    return max(tomorrow, not_after - certificates.RENEWED_BEFORE) if authority.at_once else tomorrow


def _tell(scope: Scope, job: _Job) -> None:
    row, authority = job.row, certifying().authority
    revoked = certificates.revocation_of(row)
    if row.serial is not None and revoked is not None and row.authority == authority.name:
        authority.revoke(row.serial, Revoked(revoked.at, revoked.reason))
    _change(scope, job, _told)


def _told(_: Unit, row: SigningCertificate) -> None:
    row.due_at, row.tries = None, 0


def _put_off(scope: Scope, job: _Job, silent: AuthorityUnavailable) -> None:
    """Ask again later; the pauses double."""
    tries = job.row.tries
    pause = min(FIRST_PAUSE * 2 ** min(tries, LOUD), LONGEST_PAUSE)
    tell = log.error if tries >= LOUD else log.warning
    tell("certificate_authority_silent", tries=tries, reason=str(silent))

    def later(opened: Unit, row: SigningCertificate) -> None:
        if row.state == job.row.state:
            row.due_at = opened.now + pause

    _change(scope, job, later)


def _change(scope: Scope, job: _Job, change: Callable[[Unit, SigningCertificate], None]) -> None:
    """Change the row as it is now, unless another one has done the same meanwhile."""

    def work(opened: Unit) -> None:
        row = opened.get(SigningCertificate, job.row.id, lock=True)
        if row is None:
            raise LookupError("certificates are never deleted")
        if (row.tries, row.state) == (job.row.tries, job.row.state) or _was_revoked(row, job):
            row.authority = row.authority or certifying().authority.name
            change(opened, row)

    run(scope, work)


def _was_revoked(row: SigningCertificate, job: _Job) -> bool:
    """Whether the key was revoked while the authority was asked for a certificate."""
    asked, now = job.row.state, row.state
    return asked == CertificateState.WANTED and now == CertificateState.REVOKED and row.serial is None


_STEPS: dict[CertificateState, Callable[[Scope, _Job], None]] = {
    CertificateState.WANTED: _issue,
    CertificateState.ISSUED: _look,
    CertificateState.REVOKED: _tell,
}
