"""A person makes a passkey, names it, and removes it."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound, Refused, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relying_party import RelyingParty
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.core.versions import expect_version
from app.edge.paging import Keyset, Page
from app.identity.errors import PasskeyNotAccepted
from app.identity.factors import recovery
from app.identity.factors.freshness import refuse_stale, refuse_unattended
from app.identity.factors.proving import noted
from app.identity.factors.repository import has_factor, hold
from app.identity.factors.rules import POP
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.passkeys import ceremonies, challenges, holders
from app.identity.passkeys.ceremonies import Attested, Made
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import ACTIVE, REGISTRATION, REMOVED
from app.identity.passkeys.service.asking import few
from app.identity.passkeys.service.using import subject

_LIST = Keyset("passkeys", (Passkey.id,), descending=True)
AGAIN = "ask for a new challenge, and let the browser make another passkey"


def make(
    attested: Attested, name: str, sign_in: uuid.UUID, by: Caller, effect: Effect | None, scope: Scope,
    party: RelyingParty,
) -> Passkey | Refused:  # fmt: skip
    """Keep the passkey that a browser made for the person of `scope`, which proves it for `sign_in` as well.

    What is not accepted spends its challenge too. Raises SecondFactorRequired where they have a second factor already,
    FreshSignInRequired where they have none and signed in a while ago, WrongState `passkey_known`, `too_many_passkeys`.
    """
    new = _checked(attested, party)
    id = holders.reserve(new.credential_id, scope.require_person()) if new else None

    def work(opened: Unit) -> Passkey | Refused:
        hold(opened)
        refuse_unattended(opened, sign_in)
        asked = challenges.spend(opened, attested.challenge, REGISTRATION, sign_in)
        if not asked or new is None or id is None:
            return Refused(PasskeyNotAccepted(AGAIN))
        if opened.get(Passkey, id) is not None:
            raise WrongState("you have this passkey", code="passkey_known")
        few(opened)
        row = opened.add(_row(opened, id, name, new))
        noted(opened, sign_in, POP)
        tell(opened, Kind.FACTOR_ADDED, subject(row))
        record(opened, "passkey.made", subject(row), 1, {})
        return row

    kept = run(scope, work, by, effect=effect)
    if isinstance(kept, Passkey):
        holders.confirm(kept)
    return kept


def rename(known: PublicId, name: str, if_match: int | None, by: Caller, effect: Effect | None) -> Passkey:
    """Call a passkey otherwise. Raises NotFound, PreconditionFailed."""

    def work(opened: Unit) -> Passkey:
        row = _held(opened, known)
        expect_version(row, if_match)
        row.name, row.version = name, row.version + 1
        record(opened, "passkey.renamed", subject(row), row.version, {})
        return row

    return run(known.scope, work, by, effect=effect)


def remove(known: PublicId, sign_in: uuid.UUID, by: Caller, effect: Effect | None) -> Passkey:
    """Remove a passkey, which signs in no more at once; sign-ins that it opened stay, until their owner ends them. With
    the last second factor go the recovery codes.

    Raises NotFound, SecondFactorRequired.
    """

    def work(opened: Unit) -> Passkey:
        hold(opened)
        row = _held(opened, known)
        refuse_stale(opened, sign_in)
        row.state, row.due_at, row.version = REMOVED, opened.now, row.version + 1
        if not has_factor(opened):
            recovery.forget(opened)
        tell(opened, Kind.FACTOR_REMOVED, subject(row))
        record(opened, "passkey.removed", subject(row), row.version, {})
        return row

    row = run(known.scope, work, by, effect=effect)
    holders.let_removed_go(known.scope)
    return row


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[Passkey]:
    """The passkeys of the person of `scope`, stopped ones too, newest first."""
    with unit(scope) as reading:
        return _LIST.page(reading, reading.select(Passkey).where(Passkey.state != REMOVED), asked)


def _checked(attested: Attested, party: RelyingParty) -> Made | None:
    try:
        return ceremonies.made(attested, party)
    except ValueError:
        return None


def _row(opened: Unit, id: uuid.UUID, name: str, new: Made) -> Passkey:
    return Passkey(
        id=id, name=name, credential_id=new.credential_id, public_key=new.public_key, sign_count=new.sign_count,
        transports=new.transports, aaguid=new.aaguid, backup_eligible=new.backup_eligible, backed_up=new.backed_up,
        state=ACTIVE, version=1, created_at=opened.now,
    )  # fmt: skip


def _held(opened: Unit, known: PublicId) -> Passkey:
    row = opened.get(Passkey, known.id, lock=True)
    if row is None or row.state == REMOVED:
        raise NotFound
    return row
