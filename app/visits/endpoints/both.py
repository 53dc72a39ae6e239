"""What the resident and the doctor of a visit both do: read it, write and show to each other, read the record."""

from typing import Any

from flask_smorest import Blueprint

from app.core.pictures import MOST_BYTES, MediaType
from app.edge.endpoint import Call, endpoint
from app.edge.files import Download, File, Upload
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id
from app.visits import queries
from app.visits.ids import INSPECT, VisitViewer
from app.visits.names import PICTURE_ID, VISIT_ID
from app.visits.schemas import MessageIn, MessageOut, RecordOut, VisitDetailOut
from app.visits.service import messages, pictures
from app.visits.service.records import Kept

KINDS = tuple(media_type.value for media_type in MediaType)
blueprint = Blueprint("visit-content", __name__, description="What is said and written in visits")


def viewer(call: Call) -> VisitViewer:
    """The caller of an endpoint."""
    return VisitViewer(call.principal.scope, call.by, inspector=call.principal.may(INSPECT))


@endpoint(blueprint, "GET", "/visits/<visit_id>", permission="visits.read", answer=VisitDetailOut)
def one(call: Call, visit_id: str) -> queries.Detail:
    """One visit, as its resident or as its doctor, whose look is written down."""
    return queries.visit_of(viewer(call), any_id(visit_id, VISIT_ID))


@endpoint(
    blueprint, "GET", "/visits/<visit_id>/messages",
    permission="visits.read", query=PageQuery, answer=page_of(MessageOut),
)  # fmt: skip
def said(call: Call, query: dict[str, Any], visit_id: str) -> Page[messages.Message]:
    """The messages of a visit, oldest first."""
    return queries.messages_of(viewer(call), any_id(visit_id, VISIT_ID), query)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/messages",
    permission="visits.write", body=MessageIn, answer=MessageOut, status=201,
)  # fmt: skip
def say(call: Call, body: dict[str, Any], visit_id: str) -> messages.Message:
    """Write to the other: both while the visit is taken, the resident also while it waits for the doctor."""
    return messages.write(viewer(call), any_id(visit_id, VISIT_ID), body["text"], call.effect)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/pictures",
    permission="visits.write", upload=Upload(KINDS, MOST_BYTES), answer=MessageOut, status=201,
)  # fmt: skip
def show(call: Call, content: bytes, visit_id: str) -> messages.Message:
    """Send a picture, JPEG or PNG, whenever one may write.

    What is kept is the picture alone: without place, time, device or whatever else came with it.
    """
    return pictures.send(viewer(call), any_id(visit_id, VISIT_ID), content, call.effect)


@endpoint(
    blueprint, "GET", "/visit-pictures/<visit_picture_id>",
    permission="visits.read", answer=Download(KINDS),
)  # fmt: skip
def picture(call: Call, visit_picture_id: str) -> File:
    """The bytes of a picture, for the visit's resident and for its doctor, whose look is written down."""
    return queries.picture_of(viewer(call), any_id(visit_picture_id, PICTURE_ID))


@endpoint(blueprint, "GET", "/visits/<visit_id>/record", permission="visits.read", answer=RecordOut)
def record(call: Call, visit_id: str) -> Kept:
    """The record: for the doctor since the visit was taken, for the resident once it is completed."""
    return queries.record_of(viewer(call), any_id(visit_id, VISIT_ID))
