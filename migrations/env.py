"""Alembic's environment: migrations run as the database's owner, with a bound on how long they may wait for a lock."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine

from app.core.db import Base
from app.models import metadata

LOCK_TIMEOUT = "3s"
"""A migration that cannot get its lock gives up instead of queueing everybody behind it; it is safe to repeat."""
PACKAGES = ("app", "tenants", "prescriptions", "insurance")
"""Whose tables are migrated here; a slice that a deployment or a test adds brings its own."""


def _ours(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Whether autogenerate looks at `item`: not at tables whose model another package brought."""
    return not (kind == "table" and name in _of_others())


def _of_others() -> set[str]:
    mappers = Base.registry.mappers
    return {str(m.local_table) for m in mappers if m.class_.__module__.partition(".")[0] not in PACKAGES}


def _run(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, compare_type=True, compare_server_default=True,
        include_object=_ours,
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    address = str(context.config.get_main_option("sqlalchemy.url"))
    with create_engine(address, poolclass=NullPool).connect() as connection:
        _run(connection)


_main()
