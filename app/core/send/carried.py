"""Residents are told of every delivery that carried their data out: once when it was sent, once when it arrived.

Not of each try. What may have left the platform counts as sent: an answer that is an error, a connection that broke
off, a sender that died before it could note how it went.
"""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.sql.dml import ReturningUpdate

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.send import statements
from app.core.send.models import ENDPOINT_ID
from app.core.send.parcels import Result
from app.core.unit import Unit

HOOK_ID = "hok"
CARRIED = "hook.carried"
"""The entry, and the relay to the person whose data it was."""


def tell(unit: Unit, results: Sequence[Result]) -> None:
    """Tell of what was sent, in the unit that notes how it went."""
    known = [one for one in results if one.parcel.resident and one.sent]
    urls = {one.parcel.delivery: one.parcel.url for one in known}
    for statement, arrived in ((statements.TOLD_AGAIN, True), (statements.TOLD_FIRST, False)):
        ids = [one.parcel.delivery for one in known if one.delivered is arrived]
        for row in _told(unit, statement, ids):
            _enter(unit, row, urls[row.id], arrived=arrived)


def tell_left(unit: Unit, leased: Sequence[uuid.UUID]) -> None:
    """Tell of what a sender that died may have sent."""
    for row in _told(unit, statements.TOLD_LEFT, leased):
        _enter(unit, row, row.url, arrived=False)


def _told(unit: Unit, statement: ReturningUpdate[Any], ids: Sequence[uuid.UUID]) -> Sequence[Any]:
    if not ids:
        return ()
    return unit.execute(statement, {"owner": unit.scope.require_tenant(), "ids": ids}).all()


def _enter(unit: Unit, row: Any, url: str, *, arrived: bool) -> None:
    event, about = row.entry
    person, subject = Scope.for_person(row.resident_id), PublicId(HOOK_ID, unit.scope, row.id)
    told = {
        "id": str(row.id), "version": row.told, "at": unit.now.isoformat(), "event": event, "about": about,
        "host": urlsplit(url).hostname or "", "arrived": arrived,
    }  # fmt: skip
    facts = {
        "resident": str(person), "event": event, "about": about, "arrived": arrived,
        "endpoint": str(PublicId(ENDPOINT_ID, unit.scope, row.endpoint_id)),
    }  # fmt: skip
    record(unit, CARRIED, subject, row.told, facts, [Outgoing(person, CARRIED, told)])
