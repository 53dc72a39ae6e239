"""Engines: one per database role, each transaction opened by the fence."""

from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, NullPool, create_engine

from app.core.guard import fence

CONNECT_SECONDS = 5
WAIT_SECONDS = 2
"""How long a request waits for a free connection before it is told to come back (503)."""

IN_UTC = "-c timezone=UTC"
"""What is read is in UTC, whatever the server, role or environment says."""
BY_INDEX = "-c enable_seqscan=off -c enable_bitmapscan=off -c max_parallel_workers_per_gather=0"
"""For connections that look for little in tables that were large a moment ago, or will be: a plan is kept, and one that
was made while a table was empty reads the whole of it. Only a scan of an index also passes by what it once found dead.
"""


class Brief(psycopg.Cursor[Any]):
    """A cursor that says of columns what PEP 249 asks for and SQLAlchemy reads: psycopg's own answer, an object for
    each column, costs as much as the statement.
    """

    @property
    def description(self) -> list[Any] | None:
        """Name and type of each column; None where the statement returns no rows."""
        result = self.pgresult
        if result is None or result.status != ExecStatus.TUPLES_OK:
            return None
        named = (((result.fname(at) or b"").decode(), result.ftype(at)) for at in range(result.nfields))
        return [(name, type_code, None, None, None, None, None) for name, type_code in named]


def options(pool_size: int) -> dict[str, Any]:
    """Engine options. AUTOCOMMIT because the fence sends BEGIN itself, together with the scope."""
    return {
        "isolation_level": "AUTOCOMMIT",
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": WAIT_SECONDS,
        "pool_use_lifo": True,  # the connection used last knows its statements best: they are prepared on it
        "pool_recycle": 1800,
        "hide_parameters": True,  # values may be health data; an error's text reaches the logs
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            "cursor_factory": Brief,
            "application_name": "cloud-hospital",
            "options": IN_UTC,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # milliseconds: a path that died is noticed, not waited for
        },
    }


def fenced(url: str, pool_size: int) -> Engine:
    """An engine for units: `url` is that of the `app` or the `sealer` role."""
    engine = create_engine(url, **options(pool_size))
    fence(engine)
    return engine


def discovering(url: str) -> Engine:
    """An engine for `discovery`, whose role sees owners and due times of waiting work and nothing else."""
    with_all = options(3)
    with_all["connect_args"] |= {"options": f"{IN_UTC} {BY_INDEX}"}
    return create_engine(url, **with_all)


def probing(url: str) -> Engine:
    """The same for a web process's probes, asked every few seconds: it keeps no connection."""
    connect: dict[str, Any] = options(1)["connect_args"]
    connect |= {"options": f"{IN_UTC} {BY_INDEX}"}
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=connect)
