"""What security notices look like on the wire."""

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Instant, Word
from app.identity.notices.kinds import NOTICE_ID, Kind, State
from app.identity.notices.models import SecurityNotice


def subject(row: SecurityNotice) -> PublicId:
    """A notice's public id."""
    return PublicId(NOTICE_ID, Scope.for_person(row.person_id), row.id)


class SecurityNoticeOut(Schema):
    """Something that happened to one's account."""

    id = IdOf(NOTICE_ID, subject)
    kind = Word(Kind)
    about = fields.String(
        allow_none=True, metadata={"description": "The id of the device or authenticator that it is about"}
    )
    happened_at = Instant()
    message = Word(State, attribute="state", metadata={"description": "Whether the phone was told too"})
