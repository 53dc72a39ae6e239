"""Which passwords are taken, and how slowly they may be guessed. Pure.

As NIST SP 800-63B-4 (3.1.1.2) has it: length counts, no kinds of characters are asked for, nothing expires by time, and
what others would try first is refused: what many people had when they were breached, what can be told from the password
itself, and what is known about its owner.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from app.identity.passwords.breached import is_breached

LEAST = 12
LEAST_WITH_FACTOR = 8
"""Characters of a password beside which its owner has an authenticator (NIST SP 800-63B-4, 3.1.1.2)."""
LONGEST = 128
LEAST_DIFFERENT = 5
"""Different characters: `aaaaaaaaaaaa` and `121212121212` are long and worth nothing."""
PART = 6
"""Characters of something known about the owner that a password may not consist of."""
RUN = 4
"""Characters that follow each other in an alphabet or on a keyboard; a password of such runs alone is refused."""
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_COMMON = re.compile(r"password|passwort|welcome|letmein|iloveyou|woaini|admin|qwerty|mima|abc123|1314|5201314")
_LEFT = 4
"""What must be left of a password, beside what others would try first."""
TRIES_KEPT = timedelta(days=1)
"""How long after the last wrong one the pauses are remembered: many times the longest."""


def normalized(password: str) -> str:
    """The one form in which a password is compared: NFKC (NIST SP 800-63B-4, 3.1.1.2), so that what an input method
    writes in full width is the same. Raises ValueError for what nobody can type again: controls, unassigned characters.
    """
    one = unicodedata.normalize("NFKC", password)
    if any(unicodedata.category(character) in ("Cc", "Cn", "Cs", "Co") for character in one):
        raise ValueError("A character that cannot be typed.")
    return one


def fault_of(password: str, known: Iterable[str], *, has_factor: bool) -> str | None:
    """Which rule a normalized `password` breaks, None where none; `known` is what others know about its owner."""
    plain = password.casefold()
    if len(password) < (LEAST_WITH_FACTOR if has_factor else LEAST):
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    if len(set(plain)) < LEAST_DIFFERENT or len(_without_runs(_COMMON.sub("", plain))) < _LEFT:
        return "too_common"
    if is_breached(plain):
        return "too_common"
    for part in known:
        plain = _without(plain, part.casefold())
    return "about_yourself" if len(plain) < _LEFT else None


def parts_of(phone: str, name: str = "", number: str = "") -> list[str]:
    """What others know about somebody: the phone number (E.164), the name, the number of their identity card."""
    birthday = number[6:14]
    return [part for part in (phone, phone.removeprefix("+86"), name, number, birthday) if part]


def _without(text: str, known: str) -> str:
    """`text` without `known`, and without its pieces of `PART` characters and more."""
    for length in range(len(known), min(PART, len(known)) - 1, -1):
        for start in range(len(known) - length + 1):
            text = text.replace(known[start : start + length], "")
    return text


def _without_runs(text: str) -> str:
    """`text` without runs along alphabet, digits and keyboard, forwards and backwards."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), RUN - 1, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], "")
    return text
