"""How many, how long, how slowly. Pure."""

from collections.abc import Collection
from datetime import timedelta

CONFIRMED_WITHIN = timedelta(hours=1)
"""An authenticator whose first code does not come so soon is forgotten."""
MOST = 10
"""Authenticators of one person."""
RECOVERY_CODES = 10
SETTLED = timedelta(days=7)
"""How long a second factor is there before it stands in for the present number: its owner was told of it at once, and
has so long to remove one that is not theirs. Longer than any sign-in lives, so that none adds one for itself.
"""
LONGEST_PAUSE = 3600
"""Seconds. Wrong codes double the pause before the next try, from one second up to this: a guesser gets 24 tries a
day, each with three chances in a million; the owner waits an hour at most, however many wrong codes came before.
"""
DOUBLINGS = 12
"""After so many the longest pause is reached."""
OTP = "otp"
"""How RFC 8176 names a one-time password as a method of authentication; a recovery code is one too."""
POP = "pop"
"""The same of the proof of having a key: a passkey, whose authenticator need not say of what kind it is."""
SMS, PASSWORD, KNOWLEDGE, PRESENCE, SEVERAL = "sms", "pwd", "kba", "user", "mfa"  # words, no secrets
"""The same of a code by SMS, a password, what one knows of a verified identity, that somebody was there, and of factors
of several kinds.
"""
BY_PASSKEY = (SEVERAL, POP, PRESENCE)
"""A passkey alone: what somebody has, and whom it recognised."""


def methods_of(shown: Collection[str]) -> tuple[str, ...]:
    """By which methods somebody signed in who has shown that: several kinds, where they had one thing and knew another.

    What one knows of an identity is no factor: others know it too (NIST SP 800-63B-4, 3.1.1).
    """
    several = PASSWORD in shown and (SMS in shown or OTP in shown)
    return tuple(sorted({*shown, *([SEVERAL] if several else [])}))
