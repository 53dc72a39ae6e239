"""Somebody with a number says that they cannot prove to own the account to which it leads."""

import uuid
from dataclasses import dataclass

from app.core.errors import Refused
from app.identity.devices.service import Place
from app.identity.errors import CodeNotAccepted
from app.identity.service.codes import close, look
from app.identity.service.protection import protection_of
from app.identity.service.sign_in import login_key, owner_of
from app.identity.service.sign_in_ways import tell_of_guesses


@dataclass(frozen=True)
class ProvedNumber:
    """Somebody got the code that was sent to a number."""

    login: str
    """The key of the number's login."""
    protected: uuid.UUID | None
    """The account that the number alone does not open; None where it leads to none, or to one without protection."""


def prove_number(phone: str, code: str, request_id: str) -> ProvedNumber | Refused:
    """Take the code of `phone` back, which is used up by that; a wrong one is refused and counted."""
    seen = look(phone, code)
    if seen.spent:
        tell_of_guesses(phone, request_id)
    if seen.challenge_id is None or not close(phone, seen.challenge_id):
        return Refused(CodeNotAccepted("ask for a new code if this one is older than five minutes"))
    protection = protection_of(owner_of(phone), Place())
    return ProvedNumber(login_key(phone), protection.person if protection.asks_for_proof else None)
