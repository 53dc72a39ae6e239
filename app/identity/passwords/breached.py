"""Passwords that others try first because so many people had them: the 30,000 commonest of known breaches.

The list is that of the package zxcvbn, of which nothing else is used. Pure.
"""

from functools import cache
from importlib import import_module
from string import digits, punctuation

_AROUND = f"{digits}{punctuation} "
"""What people put around a word where kinds of characters are asked for, and what is tried around it therefore."""

MANY = 6
"""So many digits and signs around a shorter word are worth more than the word."""


def is_breached(password: str) -> bool:
    """Whether a normalized, casefolded `password` is one of them, by itself or with a few digits and signs around it.

    With many it is none: they are what has to be guessed then, and the word is a small part.
    """
    word = password.strip(_AROUND)
    around = len(password) - len(word)
    return password in _commonest() or ((around < MANY or len(word) >= around) and word in _commonest())


@cache
def _commonest() -> frozenset[str]:
    """Read when the first password is set: it takes a tenth of a second and some megabytes."""
    return frozenset(import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"])
