"""Copies of what other scopes tell, kept unless something newer is kept already: relays may come in any order."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Base
from app.core.unit import Unit

VERSION = "source_version"
"""The column that says of which version of its source a copy is."""


def keep_newer(
    unit: Unit,
    model: type[Base],
    row: Mapping[str, Any],
    *,
    changing: Collection[str] | None = None,
    version: str = VERSION,
) -> bool:
    """Keep `row`, all of it or what is `changing`, unless its `version` or a newer one is kept; returns whether."""
    table = cast(Table, model.__table__)
    keys = table.primary_key.columns.keys()
    names = tuple(name for name in (row if changing is None else changing) if name not in keys)
    return unit.execute(_keeping(table, names, version), row).first() is not None


@cache
def _keeping(table: Table, names: tuple[str, ...], version: str) -> Executable:
    fresh, keys = insert(table), table.primary_key.columns
    newer = fresh.on_conflict_do_update(
        index_elements=keys.keys(), set_={name: fresh.excluded[name] for name in names},
        where=table.c[version] < fresh.excluded[version],
    )  # fmt: skip
    return newer.returning(*keys)
