"""Traffic limits: how often something may be asked for, counted in the database for all processes together.

The generic cell rate algorithm (ITU-T I.371): a key has one moment, at which all that was asked for will have been
worked off at its rate; what would move it further ahead than the burst is refused. One statement reads, decides and
writes, so requests at the same moment cannot pass on the same allowance. A process takes a small share at a time
(`app.edge.limits`).

The table is UNLOGGED: a crash of the database forgets it, and everybody has a whole burst again. That is enough for
traffic, and never for what guards a secret (one-time codes, pick-up codes), which is counted in tables of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar, cast

from sqlalchemy import BigInteger, Index, Table, bindparam, case, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, KeyOwned
from app.core.forgetting import FORGOTTEN, forgetting
from app.core.glances import Glance
from app.core.questions import Question
from app.core.scope import Scope, ScopeKind
from app.core.unit import database

SECOND = 1_000_000
"""Moments of this table are in microseconds, whole numbers: the arithmetic is exact."""
SHARES = 50
"""A burst is as many shares as this; a share is what one process takes at a time."""
KEPT = timedelta(hours=1)
"""For how long after its last use a key is kept at least: far longer than any burst takes to be given back."""


@dataclass(frozen=True)
class Limit:
    """So many requests a second in the long run, and so many at once. Raises ValueError where that is no limit."""

    per_second: int
    burst: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counted, and a burst that would outlive its row."""
        if not 0 < self.per_second <= SECOND or self.burst < 1:
            raise ValueError("a limit is at least one request")
        if self.burst // self.per_second >= KEPT.total_seconds():
            raise ValueError("a burst is given back within an hour")

    @property
    def pause(self) -> int:
        """After how many microseconds one request is given back."""
        return SECOND // self.per_second

    @property
    def share(self) -> int:
        """How many requests a process takes at a time."""
        return max(1, self.burst // SHARES)


@dataclass(frozen=True)
class Limits:
    """The limits of a deployment."""

    caller: Limit = Limit(100, 1000)
    """Of one client, one affiliation of a member of staff, one person: all of their tokens together."""
    tenant: Limit = Limit(500, 5000)
    """Of everybody who acts in one tenant."""
    address: Limit = Limit(20, 400)
    """Of one address, as far as nobody is known: public endpoints and credentials that failed."""


@dataclass(frozen=True)
class Grant:
    """What the database gave: how many requests, and where it was none, the seconds until there is one."""

    many: int
    wait: float


class Traffic(KeyOwned, Base):
    """How far ahead of its rate a key has asked; the key is a blind digest of whom it counts."""

    __tablename__ = "traffic"
    __table_args__ = (
        Index("ix_traffic_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        {"prefixes": ["UNLOGGED"]},
    )
    grants: ClassVar[Grants] = FORGOTTEN
    free_at: Mapped[int] = mapped_column()
    """When all that was asked for will have been worked off, in Unix microseconds."""
    granted: Mapped[int] = mapped_column()
    """What the last statement gave."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""


_TRAFFIC = cast(Table, Traffic.__table__)


def ask(name: str, limit: Limit) -> Grant:
    """Take a share of the `limit` of `name`, or what is left of it: one statement, at a glance."""
    key = database().blind.digest("traffic", name)
    asking = Glance(Scope.for_key(Traffic.__tablename__, key))
    now = int(asking.now.timestamp() * SECOND)
    room, share, later = limit.burst * limit.pause, limit.share, asking.now + 2 * KEPT
    row = {"free_at": now + share * limit.pause, "granted": share, "due_at": later}
    rule = {
        "share": share, "pause": limit.pause, "now": now, "edge": now + room, "soon": asking.now + KEPT, "later": later,
    }  # fmt: skip
    found = asking.ask(_take(), {**row, **rule})
    if found is None:
        raise LookupError("an upsert answers its row")
    free_at, granted = found
    return Grant(granted, (free_at + limit.pause - room - now) / SECOND)


@cache
def _take() -> Question:
    """Insert or move a key's moment by what is left of a share; `granted` says how much that was."""
    share, pause, now, edge = (bindparam(name, type_=BigInteger()) for name in ("share", "pause", "now", "edge"))
    soon, later = (bindparam(name, type_=Traffic.due_at.type) for name in ("soon", "later"))
    # only a clock that ran ahead leads beyond the edge: forgotten, so that nobody waits until that time has come
    ahead = func.greatest(Traffic.free_at, now, type_=BigInteger())
    base = case((Traffic.free_at > edge, now), else_=ahead)
    granted = func.greatest(0, func.least(share, (edge - base) // pause), type_=BigInteger())
    # moved once an hour: an index on it would have every update write a new entry
    due = case((Traffic.due_at < soon, later), else_=Traffic.due_at)
    kept = {"free_at": base + granted * pause, "granted": granted, "due_at": due}
    taken = insert(_TRAFFIC).on_conflict_do_update(index_elements=["key"], set_=kept)
    return Question(ScopeKind.KEY, taken.returning(_TRAFFIC.c.free_at, _TRAFFIC.c.granted), *_TRAFFIC.c.keys())


FORGETTING = forgetting("forget-traffic", Traffic)
