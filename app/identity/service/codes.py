"""One-time codes: made, sent, and taken back for a sign-in."""

import hmac
import secrets
import uuid
from dataclasses import dataclass, field

from app.core.errors import TryLater
from app.core.ids import new_id
from app.core.ports import Message, MessageNotSent, ports
from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.identity.errors import TooManyCodes
from app.identity.models import PhoneChallenge
from app.identity.phones import language_of_number
from app.identity.repository import challenge, claim_challenge, close_challenge, spend_try
from app.identity.rules import CHALLENGE_KEPT, CODE_LIFE, TRIES, Purpose, seconds_to_wait, sends_with
from app.identity.service import addresses
from app.identity.service.languages import spoken_by_holder

GATEWAY_SECONDS = 10
"""When to come back while no message can be sent."""


@dataclass(frozen=True)
class CodeSent:
    """What a person is told: for how long the code holds, and when they may ask for another; seconds."""

    expires_in: int
    resend_in: int


@dataclass(frozen=True)
class Made:
    """A challenge that was stored, and its code, which is stored nowhere."""

    id: uuid.UUID
    code: str = field(repr=False)
    resend_in: int


@dataclass(frozen=True)
class Look:
    """What came of showing a code."""

    challenge_id: uuid.UUID | None
    """Of the challenge that it opens; None where it is not accepted."""
    spent: bool
    """Whether a wrong code took the last try."""


def send_code(
    phone: str, address: str | None = None, device: str | None = None, *, purpose: Purpose = Purpose.SIGN_IN,
    locale: str | None = None,
) -> CodeSent:  # fmt: skip
    """Send a fresh code to `phone` (E.164) for somebody at `address`, on the `device` of that token, where these are
    known; the former code ends. The text to sign in with is in the language that whoever signs in with the number has
    chosen, so that only its holder learns whether there is an account; others, and any other text, are in `locale`,
    else in the language of the number.

    Raises TooManyCodes, TooManyFromAddress, TooManyFromDevice, and TryLater where the message did not go out: the code
    is then void and was not counted.
    """
    if address is not None:
        addresses.spend(address)
    if device is not None:
        addresses.spend_of_device(device)
    held = spoken_by_holder(phone) if purpose is Purpose.SIGN_IN else None
    spoken = held or locale or language_of_number(phone)
    made = make_challenge(phone, purpose)  # counts from here on: nothing but the message may fail after it
    try:
        ports().send_message(made.id, phone, Message(purpose, spoken, {"code": made.code}))
    except MessageNotSent as error:
        void_challenge(phone, made.id, purpose)
        raise TryLater("no message can be sent now", code="message_not_sent", retry_after=GATEWAY_SECONDS) from error
    return CodeSent(int(CODE_LIFE.total_seconds()), made.resend_in)


def make_challenge(phone: str, purpose: Purpose = Purpose.SIGN_IN) -> Made:
    """Store a fresh challenge for `phone`, good for that purpose alone, and counted for it; raises TooManyCodes."""

    def work(opened: Unit) -> Made:
        row = _locked(opened, key)
        wait = seconds_to_wait(row.sends, opened.now, purpose)
        if wait:
            raise TooManyCodes("a code was sent to this number already", retry_after=wait)
        code = f"{secrets.randbelow(10**6):06}"
        row.challenge_id, row.tries_left, row.expires_at = new_id(), TRIES, opened.now + CODE_LIFE
        row.code_hash = _hash(opened, row.challenge_id, code, purpose)
        row.sends = sends_with(row.sends, opened.now)
        return Made(row.challenge_id, code, seconds_to_wait(row.sends, opened.now, purpose))

    key = _key(phone, purpose)
    return run(_scope(key), work)


def void_challenge(phone: str, challenge_id: uuid.UUID, purpose: Purpose = Purpose.SIGN_IN) -> None:
    """Undo the challenge that did not go out, unless another one has taken its place."""

    def work(opened: Unit) -> None:
        row = challenge(opened)
        if row is not None and row.challenge_id == challenge_id:
            row.tries_left, row.sends = 0, row.sends[:-1]

    run(_scope(_key(phone, purpose)), work)


def redeem(phone: str, code: str) -> bool:
    """Whether `code` opens the challenge of `phone`; every look costs a try, and the right code opens it once."""

    seen = look(phone, code)
    return seen.challenge_id is not None and close(phone, seen.challenge_id)


def look(phone: str, code: str, purpose: Purpose = Purpose.SIGN_IN) -> Look:
    """Whether `code` opens the challenge of `phone` for that purpose, which costs a try; a right one stays good until
    it is closed.
    """

    def work(opened: Unit) -> Look:
        spent = spend_try(opened, key)
        if spent is None:
            return Look(None, spent=False)
        challenge_id, stored, left = spent
        if stored and hmac.compare_digest(_hash(opened, challenge_id, code, purpose), stored):
            return Look(challenge_id, spent=False)
        return Look(None, spent=left == 0)

    key = _key(phone, purpose)
    return run(_scope(key), work)


def close(phone: str, challenge_id: uuid.UUID, purpose: Purpose = Purpose.SIGN_IN) -> bool:
    """Use the code of that challenge up; False where somebody did so before."""
    key = _key(phone, purpose)
    return run(_scope(key), lambda opened: close_challenge(opened, key, challenge_id))


def _locked(opened: Unit, key: str) -> PhoneChallenge:
    empty = {
        "key": key, "challenge_id": new_id(), "code_hash": "", "tries_left": 0, "expires_at": opened.now, "sends": [],
        "due_at": opened.now + CHALLENGE_KEPT,
    }  # fmt: skip
    return claim_challenge(opened, empty)


def _key(phone: str, purpose: Purpose) -> str:
    """Each purpose has challenges of its own: who asks for one takes no code and no try from another."""
    return database().blind.digest("phone_challenge", phone if purpose is Purpose.SIGN_IN else f"{purpose}:{phone}")


def _scope(key: str) -> Scope:
    return Scope.for_key(PhoneChallenge.__tablename__, key)


def _hash(opened: Unit, challenge_id: uuid.UUID, code: str, purpose: Purpose) -> str:
    return opened.blind.digest(purpose, f"{challenge_id}:{code}")
