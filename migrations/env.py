"""Alembic's environment: migrations run as the database's owner, with a bound on how long they may wait for a lock."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine

from app.models import metadata

LOCK_TIMEOUT = "3s"
"""A migration that cannot get its lock gives up instead of queueing everybody behind it; it is safe to repeat."""


def _run(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    address = str(context.config.get_main_option("sqlalchemy.url"))
    with create_engine(address, poolclass=NullPool).connect() as connection:
        _run(connection)


_main()
