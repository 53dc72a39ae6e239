"""Passwords that others try first because so many people had them: the 30,000 commonest of known breaches.

The list is that of the package zxcvbn, of which nothing else is used. Pure.
"""

from functools import cache
from importlib import import_module
from string import digits, punctuation

_AROUND = f"{digits}{punctuation} "
"""What people put around a word where kinds of characters are asked for, and what is tried around it therefore."""


def is_breached(password: str) -> bool:
    """Whether a normalized, casefolded `password` is one of them, by itself or with digits and signs around it."""
    return password in _commonest() or password.strip(_AROUND) in _commonest()


@cache
def _commonest() -> frozenset[str]:
    """Read when the first password is set: it takes a tenth of a second and some megabytes."""
    return frozenset(import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"])
