"""Creating a walled table in a migration."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy.schema import SchemaItem

from app.core.schema import walls


def create_walled_table(name: str, *items: SchemaItem, info: dict[str, Any], prefixes: Sequence[str] = ()) -> None:
    """Create table `name` and raise its wall, as `info` declares placement, resident view and grants.

    `prefixes` stand before TABLE, as UNLOGGED.
    """
    table = op.create_table(name, *items, info=info, prefixes=list(prefixes))
    for statement in walls(str(op.get_bind().engine.url.database), table):
        op.execute(statement)
