"""By which ways somebody may sign in: a code on a device that is known; on one that is not, where the account has
something to protect, a code and a second proof; a password on a known device; a password and a second factor.

Numbers are given to somebody else when they were silent: a phone alone never opens what a person has proved or set. Who
shows nothing right is told nothing: not whether there is an account, nor which part was wrong.
"""

from dataclasses import dataclass, field

from app.core.errors import Refused
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run
from app.identity.devices.service import Place
from app.identity.errors import CodeNotAccepted, CodeRequired, ProofNotAccepted, SecondProofRequired, TooManyTries
from app.identity.factors.proving import is_shown
from app.identity.factors.rules import KNOWLEDGE, OTP, PASSWORD, SMS, methods_of
from app.identity.notices.kinds import Kind
from app.identity.notices.schemas import subject
from app.identity.notices.telling import tell
from app.identity.passwords import repository as tries
from app.identity.passwords.hashing import is_right
from app.identity.passwords.models import SignInTries
from app.identity.passwords.service import renewed
from app.identity.rules import StatedIdentity, is_same_identity
from app.identity.service.codes import close, look
from app.identity.service.protection import Protection, protection_of
from app.identity.service.sign_in import At, SignedIn, admitted, owner_of
from app.identity.service.tokens import person_actor

_WRONG_CODE = "ask for a new code if this one is older than five minutes"
_WRONG_PROOF = "each further try waits longer; a code on your phone is another way"
_PROVE = "send the same code again with your password, a code of your authenticator, or your identity"
_TOO_SOON = "each wrong try makes the pause longer"


@dataclass(frozen=True)
class Proofs:
    """What somebody shows beside their number; any of it may be missing."""

    code: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    """Normalized."""
    second_factor: str | None = field(default=None, repr=False)
    identity: StatedIdentity | None = field(default=None, repr=False)

    @property
    def methods(self) -> tuple[str, ...]:
        """By which methods somebody signs in of whom all of this is right."""
        ways = ((SMS, self.code), (PASSWORD, self.password), (OTP, self.second_factor), (KNOWLEDGE, self.identity))
        return methods_of([name for name, shown in ways if shown is not None])


@dataclass(frozen=True)
class Asked:
    """A wish to sign in; a new person speaks `locale`, None: the language of the number."""

    phone: str = field(repr=False)
    proofs: Proofs
    place: Place = field(default_factory=Place)
    locale: str | None = None


def sign_in(asked: Asked, request_id: str) -> SignedIn | Refused:
    """Sign in whoever has shown enough; a code leads to an account in any case, a password only to one that is there.
    Without either nothing opens, whatever else is shown.

    Raises TooManyTries in a pause, TryLater where too many passwords are being looked at.
    """
    if asked.proofs.code is not None:
        return _by_code(asked, asked.proofs.code, request_id)
    if asked.proofs.password is not None:
        return _by_password(asked, asked.proofs.password, request_id)
    return Refused(ProofNotAccepted(_WRONG_PROOF))


def _by_code(asked: Asked, code: str, request_id: str) -> SignedIn | Refused:
    """The code stays good while a second proof is missing, and is used up by whoever comes in."""
    seen = look(asked.phone, code)
    if seen.challenge_id is None:
        if seen.spent:
            tell_of_guesses(asked.phone, request_id)
        return Refused(CodeNotAccepted(_WRONG_CODE))
    protection = protection_of(owner_of(asked.phone), asked.place)
    refused = _second(asked, protection, request_id) if protection.asks_for_proof else None
    if refused is not None:
        return refused
    if not close(asked.phone, seen.challenge_id):
        return Refused(CodeNotAccepted(_WRONG_CODE))
    looked_at = asked.proofs.methods if protection.asks_for_proof else methods_of([SMS])
    return admitted(asked.phone, asked.locale, At(asked.place, looked_at), request_id)


def _second(asked: Asked, protection: Protection, request_id: str) -> Refused | None:
    """What is wrong with the second proof, None where nothing is: every part that was shown must be right."""
    proofs = asked.proofs
    if proofs.password is None and proofs.second_factor is None and proofs.identity is None:
        return Refused(SecondProofRequired(_PROVE))
    key = _spend(f"{asked.phone}:code")
    if not _are_right(proofs, protection, request_id):
        return Refused(ProofNotAccepted(_WRONG_PROOF))
    _forgive(key)
    return None


def _by_password(asked: Asked, password: str, request_id: str) -> SignedIn | Refused:
    """On a device that is not known nobody's password is even looked at without a second factor."""
    owner = owner_of(asked.phone)
    protection = protection_of(owner, asked.place)
    if protection.device is None and asked.proofs.second_factor is None:
        return Refused(CodeRequired("ask for a code on your phone, or show a second factor beside the password"))
    key = _spend(f"{asked.phone}:{protection.device or ''}")
    if not _are_right(asked.proofs, protection, request_id) or owner is None:
        return Refused(ProofNotAccepted(_WRONG_PROOF))
    _forgive(key)
    if protection.password_hash is not None:
        renewed(Scope.for_person(owner), protection.password_hash, password)
    return admitted(asked.phone, asked.locale, At(asked.place, asked.proofs.methods), request_id)


def _are_right(proofs: Proofs, protection: Protection, request_id: str) -> bool:
    """Whether everything shown is right; the second factor is looked at last, so that only who knows the rest uses it
    up or slows its owner down.
    """
    if proofs.password is not None and not is_right(proofs.password, protection.password_hash):
        return False
    if proofs.identity is not None and not is_same_identity(protection.identity, proofs.identity):
        return False
    if proofs.second_factor is None:
        return True
    if protection.person is None:
        return False
    scope = Scope.for_person(protection.person)
    return is_shown(proofs.second_factor, Caller(person_actor(scope), request_id), scope)


def tell_of_guesses(phone: str, request_id: str) -> None:
    """Tell the owner of `phone`, if there is one, that somebody guessed at codes until none was left."""
    person = protection_of(owner_of(phone), Place()).person
    if person is None:
        return
    scope = Scope.for_person(person)

    def work(opened: Unit) -> None:
        record(opened, "security_notice.made", subject(tell(opened, Kind.CODES_SPENT)), 1, {})

    run(scope, work, Caller("anonymous", request_id))


def _spend(of: str) -> str:
    """Spend a try of that number and way; raises TooManyTries. Returns the tries' key.

    Each known device has tries of its own, and so has whoever got the code: neither waits for what strangers try.
    """

    def work(opened: Unit) -> int:
        return 0 if tries.spend_try(opened, key) else tries.seconds_to_wait(opened)

    key = database().blind.digest("sign_in_tries", of)
    wait = run(_tries(key), work)
    if wait:
        raise TooManyTries(_TOO_SOON, retry_after=wait)
    return key


def _forgive(key: str) -> None:
    run(_tries(key), lambda opened: tries.forgive(opened, key))


def _tries(key: str) -> Scope:
    return Scope.for_key(SignInTries.__tablename__, key)
