"""The feed of a tenant's public events: the fallback of webhooks, and what a receiver catches up with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.ids import PublicId
from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.send.message import EVENT, envelope
from app.core.unit import Caller, unit
from tenants.service.looking import look_at_events


@dataclass(frozen=True)
class Feed:
    """Some events in order, and where the next ones begin."""

    data: list[dict[str, Any]]
    next_after: int


def events(scope: Scope, after: int, limit: int, types: frozenset[str], by: Caller) -> Feed:
    """At most `limit` events of `types` whose number is above `after`; the residents whose they are hear who read them.

    Numbers are given at sealing, so a late commit has a later number and no event is ever skipped.
    """
    mine = scope.require_tenant()
    query = (
        select(Entry.id, Entry.seq, Entry.text, Entry.resident_id)
        .where(Entry.tenant_id == mine, Entry.seq > after, Entry.type.in_(types))
        .order_by(Entry.seq)
        .limit(limit)
    )
    with unit(scope, by) as reading:
        rows = reading.session.execute(query).all()
        look_at_events(
            reading, {row.resident_id: PublicId(EVENT, scope, row.id) for row in reversed(rows) if row.resident_id}
        )
    return Feed([envelope(scope, row.id, row.text) for row in rows], rows[-1].seq if rows else after)
