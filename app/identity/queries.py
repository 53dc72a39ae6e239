"""Reads of identity that endpoints answer with; lists come in pages."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.models import PersonAccessToken
from app.identity.service.sign_ins import SignIn, all_shown

_SIGN_INS = Keyset("sign_ins", (PersonAccessToken.id,), descending=True)


def sign_ins(scope: Scope, current: uuid.UUID | None, asked: Mapping[str, Any]) -> Page[SignIn]:
    """The sign-ins of the person of `scope`, newest first; `current` is the one that asks."""
    with unit(scope) as reading:
        page = _SIGN_INS.page(reading, reading.select(PersonAccessToken), asked)
        return Page(all_shown(reading, page.data, current), page.next_cursor)
