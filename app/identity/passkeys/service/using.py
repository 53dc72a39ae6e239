"""A passkey is shown: alone, to sign in, or as the second factor of a sign-in.

Alone it is both factors: who has it, and whom its authenticator recognised by finger, face or PIN; and it is shown to
this domain alone, so that no other page can ask for it (NIST SP 800-63B: phishing-resistant).
"""

import uuid
from typing import TypeVar

import structlog

from app.core.errors import Refused
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.relying_party import RelyingParty
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.identity.credentials import PERSON, TOKEN
from app.identity.errors import PasskeyNotAccepted, PasskeyStopped
from app.identity.factors.proving import Proof, noted
from app.identity.factors.rules import BY_PASSKEY, POP
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.passkeys import ceremonies, challenges, holders
from app.identity.passkeys.ceremonies import Asserted, Shown
from app.identity.passkeys.holders import Holder
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import ACTIVE, PASSKEY_ID, PROOF, REMOVED, STOPPED
from app.identity.passkeys.repository import by_credential
from app.identity.passkeys.rules import went_back
from app.identity.service.sign_in import SignedIn, refuse_closed
from app.identity.service.tokens import issue_person_token, person_actor

AGAIN = "ask for a new challenge, or sign in by phone"
COPIED = "it counted less than before, so that somebody may have a copy: sign in by phone, remove it, make another"
log = structlog.get_logger()
Outcome = TypeVar("Outcome")


def sign_in(asserted: Asserted, party: RelyingParty, request_id: str) -> SignedIn | Refused:
    """Sign in whoever has the passkey that was shown; the sign-in has proved a second factor.

    An unknown passkey takes the same way as a wrong signature: into the scope of somebody, who has none. Raises
    Forbidden `account_closed`.
    """
    if not challenges.spend_anybodys(asserted.challenge):
        return Refused(PasskeyNotAccepted(AGAIN))
    holder = holders.find(asserted.credential_id) or Holder(new_id(), new_id())
    scope = Scope.for_person(holder.person_id)

    def work(opened: Unit) -> SignedIn | Refused:
        row = opened.get(Passkey, holder.passkey_id, lock=True)
        shown = _checked(opened, row, asserted, party) if asserted.user_handle == holder.person_id.bytes else None
        if row is None or shown is None:
            return Refused(PasskeyNotAccepted(AGAIN))
        if isinstance(shown, Refused):
            return shown
        refuse_closed(opened)
        bearer = issue_person_token(opened, proved_by=POP)
        _note(opened, row, shown, PublicId(TOKEN, scope, bearer.id))
        return SignedIn(str(bearer), PublicId(PERSON, scope, holder.person_id), False, methods=BY_PASSKEY)

    return _told(run(scope, work, Caller(person_actor(scope), request_id)), scope)


def prove(asserted: Asserted, sign_in: uuid.UUID, by: Caller, scope: Scope, party: RelyingParty) -> Proof | Refused:
    """Prove a second factor of the person of `scope` for their `sign_in`, with a passkey that was shown.

    Raises Unauthenticated where the sign-in is not there.
    """

    def work(opened: Unit) -> Proof | Refused:
        asked = challenges.spend(opened, asserted.challenge, PROOF, sign_in)
        row = by_credential(opened, asserted.credential_id)
        shown = _checked(opened, row, asserted, party) if asked else None
        if row is None or shown is None:
            return Refused(PasskeyNotAccepted("ask for a new challenge, or prove another second factor"))
        if isinstance(shown, Refused):
            return shown
        _note(opened, row, shown, PublicId(TOKEN, scope, sign_in))
        return noted(opened, sign_in, POP)

    return _told(run(scope, work, by), scope)


def subject(row: Passkey) -> PublicId:
    """A passkey's public id."""
    return PublicId(PASSKEY_ID, Scope.for_person(row.person_id), row.id)


def _checked(opened: Unit, row: Passkey | None, asserted: Asserted, party: RelyingParty) -> Shown | Refused | None:
    """What was shown; None where it proves nothing; a refusal, which stops it, where its counter went back."""
    if row is None or row.state == REMOVED or asserted.user_handle not in (None, row.person_id.bytes):
        return None
    try:
        shown = ceremonies.shown(asserted, party, row.public_key)
    except ValueError:
        return None
    if shown.backup_eligible != row.backup_eligible:
        return None
    if row.state == ACTIVE and went_back(row.sign_count, shown.sign_count):
        _stop(opened, row)
    return shown if row.state == ACTIVE else Refused(PasskeyStopped(COPIED))


def _stop(opened: Unit, row: Passkey) -> None:
    row.state, row.stopped_at, row.version = STOPPED, opened.now, row.version + 1
    tell(opened, Kind.PASSKEY_STOPPED, subject(row))
    record(opened, "passkey.stopped", subject(row), row.version, {"reason": "counter_went_back"})


def _note(opened: Unit, row: Passkey, shown: Shown, sign_in: PublicId) -> None:
    row.sign_count, row.backed_up, row.last_used_at = shown.sign_count, shown.backed_up, opened.now
    row.version += 1
    record(opened, "passkey.used", subject(row), row.version, {"for": str(sign_in)})


def _told(outcome: Outcome, scope: Scope) -> Outcome:
    """Tell who runs the platform, once the unit has committed."""
    if isinstance(outcome, Refused) and isinstance(outcome.problem, PasskeyStopped):
        log.warning("passkey_copied", scope=str(scope))
    return outcome
