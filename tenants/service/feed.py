"""The feed of a tenant's public events: the fallback of webhooks, and what a receiver catches up with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.send.message import envelope
from app.core.unit import unit


@dataclass(frozen=True)
class Feed:
    """Some events in order, and where the next ones begin."""

    data: list[dict[str, Any]]
    next_after: int


def events(scope: Scope, after: int, limit: int, types: frozenset[str]) -> Feed:
    """At most `limit` events of `types` whose number is above `after`.

    Numbers are given at sealing, so a late commit has a later number and no event is ever skipped.
    """
    mine = scope.require_tenant()
    query = (
        select(Entry.id, Entry.seq, Entry.text)
        .where(Entry.tenant_id == mine, Entry.seq > after, Entry.type.in_(types))
        .order_by(Entry.seq)
        .limit(limit)
    )
    with unit(scope) as reading:
        rows = reading.session.execute(query).all()
    return Feed([envelope(scope, row.id, row.text) for row in rows], rows[-1].seq if rows else after)
