"""Tables and their walls straight from the models: for slices that have no migrations, and for comparison with those
that have.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from sqlalchemy import Connection, Table

from app.core.db import Base, Grants, Placement, resident_view_of
from app.core.walls import deletable, statements


def walls(database: str, table: Table) -> Iterator[str]:
    """The statements that wall `table` in, as it declares them."""
    grants = cast(Grants, table.info["grants"])
    yield from statements(database, table.name, Placement(table.info["placement"]), resident_view_of(table), grants)
    if "deletable" in table.info:
        yield deletable(database, table.name, table.info["deletable"])


def create(connection: Connection, tables: Iterable[Table]) -> None:
    """Create `tables` and their walls; `connection` is the owner's."""
    wanted = list(tables)
    Base.metadata.create_all(connection, tables=wanted)
    database = str(connection.engine.url.database)
    for table in wanted:
        for statement in walls(database, table):
            connection.exec_driver_sql(statement)
