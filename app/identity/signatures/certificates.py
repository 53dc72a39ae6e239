"""Certificates of signing keys, as rows: asked for, issued, revoked, found."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.ports import ports
from app.core.seeing import Seeing
from app.core.unit import Caller, Effect, Unit, run
from app.identity.signatures.authority import Reason, Revoked
from app.identity.signatures.models import SigningCertificate, SigningKey
from app.identity.signatures.names import ACTIVE, CertificateState, certificate_id, key_of
from app.identity.signatures.x509 import encoded

RENEWED_BEFORE = timedelta(days=30)
"""So long before its end a certificate is renewed, if the license then holds longer."""
LOOKED_AT = timedelta(days=1)
"""How often an outside authority is asked whether a certificate is still good."""

_VALID = Seeing(
    SigningCertificate,
    SigningCertificate.key_id == bindparam("of_key"),
    SigningCertificate.state == CertificateState.ISSUED,
    SigningCertificate.not_before <= bindparam("now"),
    SigningCertificate.not_after > bindparam("now"),
    order=[SigningCertificate.id.desc()],
    most=1,
)


def want(opened: Unit, key: SigningKey) -> SigningCertificate:
    """Ask for a certificate of `key`; the one that is wanted already, where there is one."""
    row = {
        "tenant_id": key.tenant_id, "id": new_id(), "key_id": key.id, "staff_id": key.staff_id,
        "state": CertificateState.WANTED, "tries": 0, "due_at": opened.now, "created_at": opened.now, "version": 1,
    }  # fmt: skip
    opened.flush()
    made = opened.session.execute(insert(SigningCertificate).values(row).on_conflict_do_nothing())
    query = opened.select(SigningCertificate).where(
        SigningCertificate.key_id == key.id, SigningCertificate.state == CertificateState.WANTED
    )
    wanted = opened.session.scalars(query).one()
    if made.rowcount:  # type: ignore[attr-defined]  # an INSERT's result counts its rows
        _enter(opened, wanted, "asked", {})
    return wanted


def ask(known: PublicId, staff_id: uuid.UUID, by: Caller, effect: Effect | None = None) -> SigningCertificate:
    """Ask for a certificate of one's own key, as after the license was prolonged.

    Raises NotFound, WrongState `signing_key_revoked`, `signer_not_registered`.
    """

    def work(opened: Unit) -> SigningCertificate:
        key = opened.get(SigningKey, known.id)
        if key is None or key.staff_id != staff_id:
            raise NotFound
        if key.state != ACTIVE:
            raise WrongState("the key was revoked", code="signing_key_revoked")
        if ports().signer_of(opened, staff_id) is None:
            raise WrongState("nobody signs without a license that holds today", code="signer_not_registered")
        return want(opened, key)

    return run(known.scope, work, by, effect=effect)


def valid_now(opened: Unit, key_id: uuid.UUID) -> SigningCertificate | None:
    """The newest certificate with which that key may sign at this moment, to be seen."""
    return _VALID.first(opened, of_key=key_id, now=opened.now)


def issue(opened: Unit, row: SigningCertificate, chain: Sequence[x509.Certificate], look_at: datetime) -> None:
    """Keep what the authority made; where the key was revoked meanwhile, the authority hears of it."""
    first = chain[0]
    row.serial, row.chain = format(first.serial_number, "x"), [encoded(one) for one in chain]
    row.not_before, row.not_after = first.not_valid_before_utc, first.not_valid_after_utc
    row.tries = 0
    if row.state == CertificateState.REVOKED:
        row.due_at = opened.now
        return
    row.state, row.due_at = CertificateState.ISSUED, look_at
    _move(opened, row, "issued", {"serial": row.serial, "until": int(row.not_after.timestamp())})


def refuse(opened: Unit, row: SigningCertificate, code: str) -> None:
    """There will be no certificate; nothing changes where the key was revoked meanwhile."""
    if row.state == CertificateState.REVOKED:
        return
    row.state, row.reason, row.due_at = CertificateState.REFUSED, code, None
    _move(opened, row, "refused", {"reason": code})


def revoke(opened: Unit, row: SigningCertificate, revoked: Revoked, *, told: bool = False) -> None:
    """From `revoked.at` on it counts no more; the authority hears of it, unless it `told` so itself."""
    row.state, row.revoked_at, row.reason = CertificateState.REVOKED, revoked.at, revoked.reason
    row.due_at, row.tries = (None if told or row.serial is None else opened.now), 0
    _move(opened, row, "revoked", {"reason": revoked.reason.value})


def revoke_of_key(opened: Unit, key: SigningKey, reason: Reason) -> None:
    """Revoke every certificate of `key` that is wanted or holds."""
    query = opened.select(SigningCertificate).where(
        SigningCertificate.key_id == key.id,
        SigningCertificate.state.in_((CertificateState.WANTED, CertificateState.ISSUED)),
    )
    for row in opened.all(query.order_by(SigningCertificate.id).with_for_update()):
        revoke(opened, row, Revoked(opened.now, reason))


def revoked_in(opened: Unit, authority: str) -> list[tuple[str, Revoked]]:
    """The certificates of the unit's tenant that an authority issued and that were revoked, by number.

    Raises NotFound where it issued none.
    """
    issued = opened.select(SigningCertificate).where(
        SigningCertificate.authority == authority, SigningCertificate.serial.is_not(None)
    )
    if opened.first(issued) is None:
        raise NotFound
    rows = opened.all(issued.where(SigningCertificate.state == CertificateState.REVOKED))
    return [(row.serial, revoked) for row in rows if row.serial and (revoked := revocation_of(row))]


def revocation_of(row: SigningCertificate) -> Revoked | None:
    """Since when and why it counts no more; None where it was not revoked."""
    return Revoked(row.revoked_at, Reason(row.reason)) if row.revoked_at and row.reason else None


def _move(opened: Unit, row: SigningCertificate, happened: str, facts: dict[str, str | int]) -> None:
    row.version += 1
    _enter(opened, row, happened, facts)


def _enter(opened: Unit, row: SigningCertificate, happened: str, facts: dict[str, str | int]) -> None:
    about = {"signing_key": str(key_of(row)), **facts}
    record(opened, f"signing_certificate.{happened}", certificate_id(row), row.version, about)
