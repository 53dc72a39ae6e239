"""Sending a note, and taking one."""

import uuid

from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from tests.dummy.models import Copy, Note

SENT = "note.sent"
TAKEN = "note.taken"
RELAY = "note.offered"


def send_note(
    scope: Scope,
    taker: Scope,
    words: str,
    by: Caller,
    effect: Effect | None = None,
    *,
    resident: uuid.UUID | None = None,
) -> Note:
    """Write a note in `scope` and relay its words to `taker`."""

    def work(unit: Unit) -> Note:
        note = Note(id=new_id(), resident_id=resident or new_id(), words=words, state="sent", version=1)
        unit.add(note)
        offer = Outgoing(taker, RELAY, {"words": words})
        record(unit, SENT, PublicId("note", unit.scope, note.id), 1, {"length": len(words)}, [offer])
        return note

    return run(scope, work, by, effect=effect)


def take_note(unit: Unit, relay: Incoming) -> Answer:
    """Keep a copy of an offered note; a defect where its words ask for one."""
    words = str(relay.payload["words"])
    if words == "defect":
        raise RuntimeError("a handler's defect")
    if words == "unwanted":
        return {"refused": "unwanted"}
    copy = Copy(id=new_id(), source=relay.subject, words=words)
    unit.add(copy)
    record(unit, TAKEN, PublicId("copy", unit.scope, copy.id), 1, {"source": relay.subject})
    return {}
