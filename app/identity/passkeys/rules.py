"""How many passkeys, how long their challenges hold, and when one was copied. Pure."""

from datetime import timedelta

CHALLENGE_LIFE = timedelta(minutes=5)
"""Long enough to look for a security key, or for a phone to read a picture (WebAuthn, 15.1: 5 to 10 minutes)."""
CHALLENGE_BYTES = 32
"""Twice what WebAuthn asks for at least (13.4.3)."""
MOST = 10
"""Passkeys of one person."""
LONGEST_ID = 1023
"""Bytes of a credential's id (WebAuthn, 7.1, step 25)."""
LONGEST_KEY = 600
"""Bytes of a public key: RSA of 4,096 bits fits, and nothing that takes seconds to check."""
RESERVATION_KEPT = timedelta(days=1)
"""After which a credential that was reserved and never followed by a passkey is let go: longer than requests live."""
SHOWN_DIGITS, HIDDEN_DIGITS = 4, 8


def went_back(kept: int, shown: int) -> bool:
    """Whether a counter that only grows did not: two authenticators count with one key (WebAuthn, 6.1.1).

    One that is always 0 does not count at all; most passkeys that are kept in step between devices do not.
    """
    return (kept > 0 or shown > 0) and shown <= kept


def masked(phone: str) -> str:
    """A phone number (E.164) as its owner recognises it among others, without telling it."""
    return f"{phone[:-HIDDEN_DIGITS]}****{phone[-SHOWN_DIGITS:]}"
