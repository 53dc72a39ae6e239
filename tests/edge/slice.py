"""A slice whose endpoints do what is hard for the edge: fail, refuse, wait, die, show a secret once."""

import os
import signal
import threading
import uuid
from types import SimpleNamespace
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import BigInteger, String, cast, literal, update

from app.core.access import PUBLIC
from app.core.errors import NotFound, Refused, WrongState
from app.core.guard import OPENING
from app.core.idempotency import IdempotencyKey
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.unit import Unit, run, unit
from app.core.versions import expect_version
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.schema import Fen, Input, Instant, PublicIdField, Text, Version, YesNo
from app.edge.slice import Slice
from tests.dummy.models import Note
from tests.dummy.slice import NoteOut

READ, WRITE = "edge.read", "edge.write"
blueprint = Blueprint("edge", __name__, description="What is hard for the edge")
entered, leave = threading.Event(), threading.Event()
"""Set when a unit with the words `wait` is under way; awaited by it."""
by_id = Keyset("edge-notes", (Note.id,))
by_time = Keyset("edge-keys", (IdempotencyKey.due_at, IdempotencyKey.name), descending=True)


class LineIn(Input):
    """One line of a note."""

    amount = Fen(required=True)
    code = fields.String(required=True, validate=validate.OneOf(["a", "b"]))


class EdgeNoteIn(Input):
    """A note with something of every kind."""

    words = Text(100, required=True)
    at = Instant()
    source = PublicIdField("note")
    seen = Version()
    urgent = YesNo()
    lines = fields.List(fields.Nested(LineIn), validate=validate.Length(max=5))


class SecretOut(Schema):
    """A secret that is shown once."""

    id = PublicIdField("note", required=True)
    client_secret = fields.String()


class EchoOut(Schema):
    """What was understood of a note."""

    words = fields.String(required=True)
    at = Instant(allow_none=True, dump_default=None)
    source = PublicIdField("note", allow_none=True, dump_default=None)


class WhoOut(Schema):
    """Who called."""

    words = fields.String(required=True)


class KeyOut(Schema):
    """A used key."""

    name = fields.String(required=True)


def known(call: Call, note_id: str) -> uuid.UUID:
    """The uuid in a note's public id, as far as it is the caller's."""
    try:
        found = PublicId.parse(note_id, "note")
    except MalformedId:
        raise NotFound from None
    if found.scope != call.principal.scope:
        raise NotFound
    return found.id


def past_the_fence(opened: Unit, statement: str) -> None:
    """Send what the fence knows nothing of."""
    opened.session.connection().exec_driver_sql(statement, execution_options={OPENING: True})


def write(opened: Unit, words: str) -> Note:
    """Add a note and its entry."""
    note = Note(id=new_id(), resident_id=new_id(), words=words, state="sent", version=1)
    opened.add(note)
    record(opened, "edge.written", PublicId("note", opened.scope, note.id), 1, {"length": len(words)})
    return note


@endpoint(blueprint, "POST", "/edge-notes", permission=WRITE, body=EdgeNoteIn, answer=NoteOut, status=201)
def create(call: Call, body: dict[str, Any]) -> Note | Refused:
    """Write a note; some words make it end otherwise."""
    words = body["words"]

    def work(opened: Unit) -> Note | Refused:
        note = write(opened, words)
        if words == "wait":
            entered.set()
            leave.wait(20)
        if words == "conflict":
            raise WrongState("not now")
        return Refused(WrongState("no, and remember it", code="refused")) if words == "refuse" else note

    done = run(call.principal.scope, work, call.by, effect=call.effect)
    if words == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return done


@endpoint(blueprint, "PUT", "/edge-notes/<note_id>", permission=WRITE, body=EdgeNoteIn, answer=NoteOut, if_match=True)
def change(call: Call, body: dict[str, Any], note_id: str) -> Note:
    """Change a note that one has seen."""
    row_id = known(call, note_id)

    def work(opened: Unit) -> Note:
        note = opened.get(Note, row_id, lock=True)
        if note is None:
            raise NotFound
        expect_version(note, call.if_match)
        note.version += 1
        note.words = body["words"]
        record(opened, "edge.changed", PublicId("note", opened.scope, note.id), note.version, {})
        return note

    return run(call.principal.scope, work, call.by, effect=call.effect)


@endpoint(blueprint, "GET", "/edge-notes/<note_id>", permission=READ, answer=NoteOut)
def read(call: Call, note_id: str) -> Note:
    """Read a note, waiting for whoever holds it, here less than elsewhere."""
    with unit(call.principal.scope) as reading:
        past_the_fence(reading, "SET LOCAL lock_timeout = '0.2s'")
        note = reading.get(Note, known(call, note_id), lock=True)
    if note is None:
        raise NotFound
    return note


@endpoint(blueprint, "GET", "/edge-notes", permission=READ, query=PageQuery, answer=page_of(NoteOut))
def notes(call: Call, query: dict[str, Any]) -> Page[Note]:
    """The notes of the caller's tenant."""
    with unit(call.principal.scope) as reading:
        return by_id.page(reading, reading.select(Note), query)


@endpoint(blueprint, "GET", "/edge-keys", permission=READ, query=PageQuery, answer=page_of(KeyOut))
def keys(call: Call, query: dict[str, Any]) -> Page[IdempotencyKey]:
    """The keys that were used in the caller's tenant, newest first."""
    with unit(call.principal.scope) as reading:
        return by_time.page(reading, reading.select(IdempotencyKey), query)


@endpoint(
    blueprint, "POST", "/edge-secrets", permission=WRITE, answer=SecretOut, status=201,
    secret_fields=("client_secret",),
)  # fmt: skip
def reveal(call: Call) -> object:
    """Show a secret once."""

    def work(opened: Unit) -> object:
        note = write(opened, "secret")
        return SimpleNamespace(id=PublicId("note", opened.scope, note.id), client_secret="once-and-never-again")

    return run(call.principal.scope, work, call.by, effect=call.effect)


@endpoint(
    blueprint,
    "POST",
    "/edge-echoes",
    permission=PUBLIC,
    body=EdgeNoteIn,
    answer=EchoOut,
    idempotent_by="it changes nothing",
)
def echo(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Say what was understood."""
    return body


@endpoint(blueprint, "GET", "/edge-defects/<word>", permission=READ, answer=EchoOut)
def fail(call: Call, word: str) -> None:
    """Fail with the word in the message."""
    raise RuntimeError(f"a defect about {word}")


@endpoint(blueprint, "GET", "/edge-slow", permission=READ, answer=EchoOut)
def slow(call: Call) -> None:
    """Wait in a statement for longer than one may take, here less than elsewhere."""
    with unit(call.principal.scope) as reading:
        past_the_fence(reading, "SET LOCAL statement_timeout = '0.2s'")
        past_the_fence(reading, "SELECT pg_sleep(20)")


@endpoint(blueprint, "GET", "/edge-refused-values/<word>", permission=READ, answer=EchoOut)
def refused_value(call: Call, word: str) -> None:
    """Send the database a value that it refuses, so that its error quotes it."""
    number = cast(literal(word, String()), BigInteger())
    with unit(call.principal.scope) as opened:
        change = update(Note).where(Note.tenant_id == call.principal.scope.tenant).values(version=number)
        opened.session.execute(change.execution_options(synchronize_session=False))


@endpoint(blueprint, "GET", "/edge-persons/me", permission=READ, answer=WhoOut)
def me(call: Call) -> dict[str, str]:
    """Who calls as themself."""
    return {"words": str(call.person)}


@endpoint(blueprint, "GET", "/edge-tenants/mine", permission=READ, answer=WhoOut)
def mine(call: Call) -> dict[str, str]:
    """The caller's tenant."""
    return {"words": str(call.tenant)}


SLICE = Slice("edge", blueprints=(blueprint,))
