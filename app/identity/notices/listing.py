"""The list of a person's notices."""

from collections.abc import Mapping
from typing import Any

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.notices.models import SecurityNotice

_LIST = Keyset("security_notices", (SecurityNotice.id,), descending=True)


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[SecurityNotice]:
    """The notices of the person of `scope`, newest first."""
    with unit(scope) as reading:
        return _LIST.page(reading, reading.select(SecurityNotice), asked)
