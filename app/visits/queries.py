"""Reads of the visits slice. Who reads what is clinical as staff leaves a mark; lists come in pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.blobs import blobs
from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.pictures import MediaType
from app.core.scope import Scope
from app.core.unit import Unit, database, unit
from app.edge.files import File
from app.edge.paging import Keyset, Page
from app.visits.content import complaint_of, evidence_of, picture_in
from app.visits.errors import picture_refused, picture_scanning
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import PersonVisit, PictureScan, Visit, VisitMessage, VisitPicture
from app.visits.names import DUTY, PURPOSE, VISIT_ID
from app.visits.rules.basis import Evidence
from app.visits.rules.moves import State
from app.visits.service.messages import Message, read
from app.visits.service.records import Kept, kept, row_of
from tenants.api import look

Asked = Mapping[str, Any]
_OWN = Keyset("own_visits", (PersonVisit.id,), descending=True)
_QUEUE = Keyset("doctor_visits", (Visit.id,))
_UNCONCLUDED = Keyset("unconcluded_visits", (Visit.id,))
_MESSAGES = Keyset("visit_messages", (VisitMessage.id,))
_ENDING = {MediaType.JPEG.value: "jpg", MediaType.PNG.value: "png"}


@dataclass(frozen=True)
class Detail:
    """A visit with what is clinical in it."""

    visit: Visit
    complaint: str = field(repr=False)
    evidence: Evidence | None = field(repr=False)


def visit_of(viewer: VisitViewer, known: PublicId) -> Detail:
    """A visit, as its resident or as its doctor; raises NotFound, Forbidden."""
    visit = viewer.again(known)
    if visit is None:
        with unit(viewer.at(known), viewer.by) as reading:
            visit = _seen(viewer, reading, known)
    cipher = database().cipher
    return Detail(visit, complaint_of(cipher, visit), evidence_of(cipher, visit))


def messages_of(viewer: VisitViewer, known: PublicId, asked: Asked) -> Page[Message]:
    """The messages of a visit, oldest first; raises NotFound, Forbidden."""
    with unit(viewer.at(known), viewer.by) as reading:
        visit = _seen(viewer, reading, known)
        page = _MESSAGES.page(reading, reading.select(VisitMessage).where(VisitMessage.visit_id == visit.id), asked)
        pictures = reading.all(reading.select(VisitPicture).where(VisitPicture.visit_id == visit.id))
        sent = {picture.id: picture for picture in pictures}
        said = [read(reading, row, sent[row.picture_id] if row.picture_id else None) for row in page.data]
        return Page(said, page.next_cursor)


def picture_of(viewer: VisitViewer, known: PublicId) -> File:
    """A picture, for its visit's resident and doctor.

    Raises NotFound, Forbidden, WrongState `picture_scanning` or `picture_refused`.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        picture = reading.get(VisitPicture, known.id)
        if picture is None:
            raise NotFound
        _seen(viewer, reading, PublicId(VISIT_ID, Scope.for_tenant(picture.tenant_id), picture.visit_id))
    if picture.address is None:
        raise picture_refused()
    if picture.scan == PictureScan.SCANNING:
        raise picture_scanning()
    content = picture_in(database().cipher, known, blobs().get(picture.tenant_id, picture.address))
    return File(content, picture.media_type, f"{known}.{_ENDING[picture.media_type]}")


def record_of(viewer: VisitViewer, known: PublicId) -> Kept:
    """A visit's record: for its doctor since it was taken, for its resident once it is completed.

    Raises NotFound, Forbidden.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        visit = _seen(viewer, reading, known)
        if not viewer.of_tenant and visit.state != State.COMPLETED:
            raise NotFound
        return kept(reading, visit, row_of(reading, visit))


def queue_of(viewer: VisitViewer, asked: Asked) -> Page[Visit]:
    """The doctor's own visits, oldest first, perhaps of one state; nothing clinical."""
    with unit(viewer.scope) as reading:
        query = reading.select(Visit).where(Visit.doctor_id == viewer.staff_id)
        if asked["state"]:
            query = query.where(Visit.state == asked["state"])
        return _QUEUE.page(reading, query, asked)


def unconcluded(tenant: Scope, asked: Asked) -> Page[Visit]:
    """The tenant's visits that wait for their conclusion, oldest first; nothing clinical."""
    with unit(tenant) as reading:
        return _UNCONCLUDED.page(reading, reading.select(Visit).where(Visit.state == State.UNCONCLUDED), asked)


def visits_of(person: Scope, asked: Asked) -> Page[PersonVisit]:
    """The person's own visits with all tenants, newest first."""
    with unit(person) as reading:
        return _OWN.page(reading, reading.select(PersonVisit), asked)


def _seen(viewer: VisitViewer, reading: Unit, known: PublicId) -> Visit:
    seen = viewer.readable(reading, known)
    if viewer.of_tenant and seen.purpose == PURPOSE:
        look(reading, seen.visit.resident_id, PURPOSE, visit_public_id(seen.visit))
    elif viewer.of_tenant:
        look(reading, seen.visit.resident_id, DUTY, visit_public_id(seen.visit))
    return seen.visit
