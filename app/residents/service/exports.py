"""Asking for an export of everything about oneself, and getting it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.dialects.postgresql import insert

from app.core.blobs import blobs
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run, unit
from app.edge.files import File
from app.identity.api import who_acts
from app.residents.errors import TooManyExports
from app.residents.export_models import DataExport, ExportState
from app.residents.names import EXPORT_ID, EXPORT_RELAY
from tenants.api import PLATFORM

MOST = 3
DAY = timedelta(days=1)
"""So many exports of a person in any 24 hours: each reads all that there is of them."""
EXPORT_KEPT = timedelta(days=7)
"""Long enough to fetch it, short for what holds everything about somebody."""


class Form(StrEnum):
    """For programs, or for people; each has its own place."""

    JSON = "content"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        return f"application/{self.name.lower()}"


@dataclass(frozen=True)
class Seen:
    """An export as its person sees it."""

    id: PublicId
    state: ExportState
    asked_at: datetime
    ended_at: datetime | None
    kept_until: datetime | None
    version: int
    has_pdf: bool = False


def ask(person: uuid.UUID, by: Caller, effect: Effect | None = None, language: str | None = None) -> Seen:
    """Wish for everything about `person`, to be read in `language`; the worker makes it. Who acts for them gets what is
    not theirs alone.

    Raises WrongState `export_running` while another is made, TooManyExports after `MOST` in a day.
    """

    def work(opened: Unit) -> Seen:
        _refuse_many(opened)
        id = new_id()
        row = {
            "tenant_id": opened.scope.tenant, "id": id, "resident_id": person, "state": ExportState.WAITING,
            "tries": 0, "asked_at": opened.now, "due_at": opened.now, "version": 1,
            "language": language, "asker_id": who_acts(by),
        }  # fmt: skip
        fresh = insert(DataExport).values(row).on_conflict_do_nothing().returning(DataExport.id)
        if opened.session.scalars(fresh).first() is None:
            raise WrongState("an export of yours is being made", code="export_running")
        note(opened, id, person, "data_export.asked", 1)
        return Seen(export_id(id), ExportState.WAITING, opened.now, None, None, 1)

    return run(_as_resident(person), work, by, effect=effect)


def export_of(person: uuid.UUID, known: PublicId, by: Caller) -> Seen:
    """One of the person's exports, of who acts for them their own alone; raises NotFound."""
    with unit(_as_resident(person), by) as reading:
        row = _own(reading, known)
    kept_until = None if row.state == ExportState.WAITING else row.due_at
    state, has_pdf = ExportState(row.state), row.pdf_address is not None
    return Seen(known, state, row.asked_at, row.ended_at, kept_until, row.version, has_pdf)


def file_of(person: uuid.UUID, known: PublicId, by: Caller, form: Form) -> File:
    """The document; that it was fetched is written down.

    Raises NotFound, WrongState `export_not_ready`, and `export_has_no_pdf` where none could be made.
    """

    def work(opened: Unit) -> str:
        row = _own(opened, known, lock=True)
        if row.address is None:
            raise WrongState("the export is not made yet", code="export_not_ready")
        address = row.pdf_address if form is Form.PDF else row.address
        if address is None:
            raise WrongState("there is no PDF of this export", code="export_has_no_pdf")
        row.version += 1
        note(opened, row.id, person, "data_export.fetched", row.version)
        return address

    try:
        sealed = blobs().get(PLATFORM.require_tenant(), run(_as_resident(person), work, by))
    except LookupError:  # forgotten between the two
        raise NotFound from None
    return File(
        database().cipher.open(sealed, place_of(known.id, form)), form.media_type, f"{known}.{form.name.lower()}"
    )


def take_export(opened: Unit, relay: Incoming) -> Answer:
    """Note in the person's own journal what became of an export of theirs."""
    told = relay.payload
    record(opened, told["type"], export_id(uuid.UUID(told["id"])), told["version"], {})
    return {}


def note(opened: Unit, id: uuid.UUID, person: uuid.UUID, type: str, version: int) -> None:
    """The entry of a change, and the relay by which it stands in the person's own journal too."""
    told = Outgoing(Scope.for_person(person), EXPORT_RELAY, {"id": str(id), "type": type, "version": version})
    record(opened, type, export_id(id), version, {"resident": str(Scope.for_person(person))}, [told])


def export_id(id: uuid.UUID) -> PublicId:
    """An export's public id."""
    return PublicId(EXPORT_ID, PLATFORM, id)


def place_of(id: uuid.UUID, form: Form = Form.JSON) -> str:
    """The place for which the document is encrypted."""
    return f"{PLATFORM}/data_exports/{form.value}/{id}"


def _as_resident(person: uuid.UUID) -> Scope:
    return Scope.for_tenant(PLATFORM.require_tenant(), as_resident=person)


def _own(opened: Unit, known: PublicId, *, lock: bool = False) -> DataExport:
    row = opened.get(DataExport, known.id, lock=lock) if known.scope == PLATFORM else None
    actor = who_acts(opened.by)
    if row is None or (actor is not None and row.asker_id != actor):
        raise NotFound
    return row


def _refuse_many(opened: Unit) -> None:
    mine = opened.select(DataExport).where(DataExport.asked_at > opened.now - DAY)
    asked = opened.session.scalars(mine.with_only_columns(DataExport.asked_at).order_by(DataExport.asked_at)).all()
    if len(asked) >= MOST:
        again = asked[-MOST] + DAY - opened.now
        raise TooManyExports("come back later", retry_after=int(again.total_seconds()) + 1)
