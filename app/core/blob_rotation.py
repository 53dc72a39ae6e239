"""Changing the key of blobs: each is opened, sealed with the newest key and kept under its new address.

The row that names it moves to the new address only where it still names the old one. The old blob stays for a day, for
whoever read the row just before; then the sweep of orphans removes it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from sqlalchemy import Column, MetaData, select, update

from app.core.blobs import ORPHANED, BlobMark, arriving, blobs, settle
from app.core.crypto import HEADER, CannotDecrypt, version_of
from app.core.db import key_column
from app.core.encrypted import blob_columns, place_of
from app.core.errors import WrongState
from app.core.ids import new_id
from app.core.rotation import WINDOW, Tally
from app.core.scope import Scope, ScopeKind
from app.core.unit import Database, Unit, run, unit

log = structlog.get_logger()


def over_blobs(metadata: MetaData, scopes: Iterable[Scope], on: Database, *, change: bool) -> Tally:
    """Count the blobs of `scopes` by key version, and with `change` first seal them with the newest key."""
    tally = Tally()
    columns = [column for table in metadata.sorted_tables for column in blob_columns(table)]
    for scope in scopes:
        for column in columns if scope.kind is ScopeKind.TENANT else ():
            for id, address in _named(scope, column, on):
                version = _version(scope, address)
                if change and version not in (0, on.cipher.sealer) and _moved(scope, column, id, address, on):
                    version = on.cipher.sealer
                    tally.changed[f"blobs of {column.table.name}"] += 1
                tally.versions[f"blobs of {column.table.name}"][version] += 1
    return tally


def _named(scope: Scope, column: Column[Any], on: Database) -> Iterator[tuple[Any, str]]:
    """The rows of `scope` that name blobs: id and address, some in each unit."""
    rows, key = column.table, column.table.c.id
    mine = rows.c[str(key_column(rows))] == scope.require_tenant()
    page = select(key, column).where(mine, column.is_not(None)).order_by(key)
    after: Any = None
    while True:
        with unit(scope, on=on) as reading:
            query = page if after is None else page.where(key > after)
            found = [(row[0], str(row[1])) for row in reading.execute(query.limit(WINDOW))]
        yield from found
        if len(found) < WINDOW:
            return
        after = found[-1][0]


def _version(scope: Scope, address: str) -> int:
    """Which key sealed the blob; 0, and an alarm, where it is not there."""
    try:
        return version_of(blobs().beginning(scope.require_tenant(), address, HEADER))
    except LookupError:
        log.error("blob_missing", scope=str(scope), address=address)
        return 0


def _moved(scope: Scope, column: Column[Any], id: Any, former: str, on: Database) -> bool:
    """Whether the row `id` names a blob of the newest key now; False where it was changed meanwhile."""
    place = place_of(column, scope, {"id": id})
    try:
        content = on.cipher.open(blobs().get(scope.require_tenant(), former), place)
    except (LookupError, CannotDecrypt):
        log.error("blob_unreadable", scope=str(scope), address=former)
        return False
    try:
        with arriving(scope, on.cipher.seal(content, place)) as address:
            run(scope, lambda opened: _move(opened, column, id, former, address), on=on)
    except WrongState:
        return False
    return True


def _move(opened: Unit, column: Column[Any], id: Any, former: str, address: str) -> None:
    settle(opened, address)
    rows = column.table
    mine = (rows.c[str(key_column(rows))] == opened.scope.require_tenant(), rows.c.id == id, column == former)
    if not opened.execute(update(rows).where(*mine).values({column.name: address})).rowcount:
        raise WrongState("the row names another blob now")
    opened.add(BlobMark(id=new_id(), address=former, due_at=opened.now + ORPHANED))
