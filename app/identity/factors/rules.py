"""How many, how long, how slowly. Pure."""

from datetime import timedelta

CONFIRMED_WITHIN = timedelta(hours=1)
"""An authenticator whose first code does not come so soon is forgotten."""
MOST = 10
"""Authenticators of one person."""
RECOVERY_CODES = 10
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
