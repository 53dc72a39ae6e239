"""The dummy slice's endpoints and declarations."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.core.errors import NotFound
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.schema import IdOf, Word
from app.edge.slice import Slice
from tests.dummy.models import Note
from tests.dummy.service import RELAY, SENT, TAKEN, send_note, take_note

blueprint = Blueprint("dummy", __name__, description="Notes between tenants")


class NoteIn(Schema):
    """A note to send."""

    taker = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**53 - 1))
    words = fields.String(required=True, validate=validate.Length(1, 200))


class NoteOut(Schema):
    """A note as its sender sees it."""

    id = IdOf("note", lambda note: PublicId("note", Scope.for_tenant(note.tenant_id), note.id))
    state = Word(("sent",))
    version = fields.Integer()


@endpoint(blueprint, "POST", "/dummy-notes", permission="notes.write", body=NoteIn, answer=NoteOut, status=201)
def create(call: Call, body: dict[str, Any]) -> Note:
    """Send a note to another tenant."""
    return send_note(call.principal.scope, Scope.for_tenant(body["taker"]), body["words"], call.by, call.effect)


@endpoint(blueprint, "GET", "/dummy-notes/<note_id>", permission="notes.read", answer=NoteOut)
def read(call: Call, note_id: str) -> Note:
    """Read a note."""
    try:
        known = PublicId.parse(note_id, "note")
    except MalformedId:
        raise NotFound from None
    if known.scope != call.principal.scope:
        raise NotFound
    with unit(call.principal.scope) as reading:
        note = reading.get(Note, known.id)
    if note is None:
        raise NotFound
    return note


SLICE = Slice(
    "dummy",
    blueprints=(blueprint,),
    handlers={(RELAY, 1): take_note},
    events={SENT: "A note was sent.", TAKEN: "A note was taken."},
)
