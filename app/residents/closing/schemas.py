"""Bodies and answers of closing."""

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.edge.closing import Rule
from app.edge.schema import Input, Instant, PublicIdField, Text, Version, Word
from app.residents.closing.service.deaths import STATES as DEATH_STATES
from app.residents.closing.service.erasing import STATES, TERMS
from app.residents.names import DEATH_ID
from app.residents.schemas import NAME, NUMBER

CERTIFICATE = 60


class ErasureIn(Input):
    """Which version of what is kept one has read."""

    terms = Text(20, required=True, metadata={"description": "`terms` of `GET /me/erasure`"})


class ErasureOut(Schema):
    """A wish to have one's account erased."""

    state = Word(STATES, required=True)
    asked_at = Instant(required=True)
    due_at = Instant(allow_none=True, metadata={"description": "When it is carried out, unless it is withdrawn"})
    version = Version(required=True)


class BlockerOut(Schema):
    """What has to end before an account can be erased."""

    code = fields.String(required=True)
    subject = fields.Function(lambda row: _text(row.subject), metadata={"type": ["string", "null"]})


class KeptOut(Schema):
    """What is kept of an erased account, by which law, until when."""

    rule = Word(Rule, required=True)
    what = fields.String(required=True)
    law = fields.String(required=True)
    term = fields.String(required=True)


class ErasureTermsOut(Schema):
    """What erasing one's account means, and whether it can be done now."""

    terms = Word((TERMS,), required=True, metadata={"description": "The version of this, to be sent when one asks"})
    wish = fields.Nested(ErasureOut, allow_none=True, metadata={"description": "The last one"})
    blockers = fields.List(fields.Nested(BlockerOut), required=True)
    kept = fields.List(fields.Nested(KeptOut), required=True)


class DeathIn(Input):
    """What a death certificate says."""

    name = Text(NAME, required=True)
    number = Text(NUMBER, required=True, metadata={"description": "Of the dead person's resident identity card"})
    certificate = Text(CERTIFICATE, required=True)
    died_on = fields.Date(required=True, format="%Y-%m-%d")


class DeathOut(Schema):
    """A death as the desk reads it."""

    id = PublicIdField(DEATH_ID, required=True)
    name = fields.String(required=True)
    certificate = fields.String(required=True)
    died_on = fields.Date(required=True)
    state = Word(DEATH_STATES, required=True)
    proposed_at = Instant(required=True)
    decided_at = Instant(allow_none=True)
    version = Version(required=True)


def _text(subject: PublicId | None) -> str | None:
    return str(subject) if subject else None
