"""What waits and who must look: figures for those who run the platform, seen through the `discovery` role alone.

Work that waits long is the sign of a dead worker: everything is found within a second where one runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CompoundSelect, Connection, Engine, Table, column, func, literal, select, table, union_all

from app.core.discovery import oldest
from app.core.journal.models import Pending, PersonPending
from app.core.relays import PersonRelay, Relay, RelayState
from app.core.send.models import Delivery, DeliveryState

CORE: tuple[Table, ...] = tuple(
    model.metadata.tables[model.__tablename__] for model in (Pending, PersonPending, Relay, PersonRelay, Delivery)
)
"""The tables whose work the worker itself does: sealing, carrying, sending."""
_ENTRIES = tuple(model.metadata.tables[model.__tablename__] for model in (Pending, PersonPending))
_RELAYS = tuple(model.metadata.tables[model.__tablename__] for model in (Relay, PersonRelay))
_DELIVERIES = (Delivery.metadata.tables[Delivery.__tablename__],)
PUT_OFF = timedelta(seconds=61)
"""Further away than a lease's end: whoever is asked has not answered several times."""
_REVISION = table("alembic_version", column("version_num"))


@dataclass(frozen=True)
class Backlog:
    """What the database says at one moment."""

    overdue: dict[str, float]
    """For each table the age in seconds of its oldest row that is due; 0 where none is."""
    put_off: dict[str, int]
    """For each table whose rows wait for somebody outside how many of them are asked again only later."""
    stuck_relays: int
    exhausted_deliveries: int
    given_up: dict[str, int]
    """For each table whose rows may be given up (`given_up_at`) how many wait for people."""


def backlog(engine: Engine, timed: Sequence[Table], now: datetime, asking: Sequence[Table] = ()) -> Backlog:
    """What waits in the core's tables and in the `timed` ones of the slices' timers, of which the `asking` ones ask
    somebody outside.
    """
    tables = tuple(dict.fromkeys((*CORE, *timed)))
    with engine.connect() as connection:
        since = [(name, first) for name, first in connection.execute(_oldest_of(tables))]
        since += [(one.name, oldest(connection, one)) for one in _ENTRIES]
        stuck = _count(connection, _RELAYS, RelayState.STUCK)
        late = {one.name: _later(connection, one, now + PUT_OFF) for one in asking}
        exhausted = _count(connection, _DELIVERIES, DeliveryState.EXHAUSTED)
        given_up = {one.name: _given_up(connection, one) for one in tables if "given_up_at" in one.c}
    return Backlog({name: _age(first, now) for name, first in since}, late, stuck, exhausted, given_up)


def revision(engine: Engine) -> str | None:
    """The revision to which the schema was migrated; None where it never was."""
    with engine.connect() as connection:
        found = connection.scalars(select(_REVISION.c.version_num)).first()
    return str(found) if found else None


def _oldest_of(tables: Sequence[Table]) -> CompoundSelect[str, datetime | None]:
    """Of each table the first row in the index by which work is looked for; entries have none of that kind."""
    return union_all(*(select(literal(one.name), func.min(one.c.due_at)) for one in tables if one not in _ENTRIES))


def _count(connection: Connection, tables: Sequence[Table], state: str) -> int:
    return sum(
        connection.scalar(select(func.count()).select_from(one).where(one.c.state == state)) or 0 for one in tables
    )


def _later(connection: Connection, one: Table, than: datetime) -> int:
    waiting = select(func.count()).select_from(one).where(one.c.due_at > than)
    if "given_up_at" in one.c:  # people know of it: it has a figure of its own
        waiting = waiting.where(one.c.given_up_at.is_(None))
    return connection.scalar(waiting) or 0


def _given_up(connection: Connection, one: Table) -> int:
    return connection.scalar(select(func.count()).select_from(one).where(one.c.given_up_at.is_not(None))) or 0


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
