"""The word of the institution where a doctor is mainly registered: asked for, given, taken back. Pure.

Where that institution is a tenant it says so itself; where it is none, the site keeps what stands on paper.
Source: 医师执业注册管理办法 2017 (further sites are kept on record); 互联网诊疗监管细则(试行) 2022.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from tenants.rules import Kind

INSTITUTIONS = (Kind.HOSPITAL, Kind.CLINIC)
"""Where a doctor may be mainly registered."""


class ConsentState(StrEnum):
    """Of a consent, at the site and at the home institution."""

    RECORDED = "recorded"
    """On paper: the home institution is no tenant."""
    ASKED = "asked"
    """The home institution has not answered; nothing is done online on it."""
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


AGAINST = frozenset({ConsentState.DECLINED, ConsentState.WITHDRAWN})
"""What a home institution says that does not let its doctor practise elsewhere."""
_NEXT: Mapping[ConsentState, frozenset[ConsentState]] = {
    ConsentState.RECORDED: frozenset({ConsentState.WITHDRAWN}),
    ConsentState.ASKED: frozenset({ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN}),
    ConsentState.GIVEN: frozenset({ConsentState.WITHDRAWN}),
}


_DECISIONS: Mapping[ConsentState, frozenset[ConsentState]] = {
    ConsentState.ASKED: frozenset({ConsentState.GIVEN, ConsentState.DECLINED}),
    ConsentState.GIVEN: frozenset({ConsentState.WITHDRAWN}),
}


def spelled_alike(name: str) -> str:
    """The one form in which names of institutions are compared: NFKC, in lower case, letters and digits alone; another
    bracket or space makes no other institution.
    """
    return "".join(one for one in unicodedata.normalize("NFKC", name).casefold() if one.isalnum())


def may_decide(state: ConsentState, wanted: ConsentState) -> bool:
    """Whether the home institution may move what it was asked from `state` to `wanted`."""
    return wanted in _DECISIONS.get(state, frozenset())


def may_become(state: ConsentState, wanted: ConsentState) -> bool:
    """Whether a consent in `state` may go on to `wanted`."""
    return wanted in _NEXT.get(state, frozenset())
