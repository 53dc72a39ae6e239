"""Bodies and answers of corrections."""

from marshmallow import Schema, fields

from app.edge.schema import Input, Instant, PublicIdField, Text, Version, Word
from app.residents.corrections.rules import Area, DeclineReason, State
from app.residents.names import CORRECTION_ID

LONGEST = 2000
SUBJECT = 80


class CorrectionIn(Input):
    """What is wrong about what, and what is right."""

    subject = Text(
        SUBJECT, required=True,
        metadata={"description": "The id of a visit, a prescription, an appointment, a bill or a family contract"},
    )  # fmt: skip
    wrong = Text(LONGEST, required=True)
    right = Text(LONGEST, required=True)


class AmendmentIn(Input):
    """How it is to be read from now on, beside how it stands."""

    former = Text(LONGEST, required=True, metadata={"description": "As it stands; it is kept"})
    text = Text(LONGEST, required=True, metadata={"description": "As it is to be read"})


class DeclineCorrectionIn(Input):
    """Why it stays, in a code and in words."""

    reason = fields.Enum(DeclineReason, by_value=True, required=True)
    text = Text(LONGEST, required=True)


class StatementIn(Input):
    """What a resident has to say to a declining."""

    text = Text(LONGEST, required=True)


class ListedCorrectionOut(Schema):
    """A wish in a list."""

    id = PublicIdField(CORRECTION_ID, required=True)
    subject = fields.String(required=True)
    area = Word(Area, required=True)
    state = Word(State, required=True)
    asked_at = Instant(required=True)
    answer_until = fields.Date(required=True, metadata={"description": "The last local day of the time to answer"})
    version = Version(required=True)


class CorrectionOut(ListedCorrectionOut):
    """A wish and its answer."""

    wrong = fields.String(required=True)
    right = fields.String(required=True)
    former = fields.String(allow_none=True, metadata={"description": "As it stood; it is kept"})
    amendment = fields.String(allow_none=True, metadata={"description": "As it is to be read"})
    explanation = fields.String(allow_none=True, metadata={"description": "Why it stays"})
    reason = Word(DeclineReason, allow_none=True)
    statement = fields.String(allow_none=True, metadata={"description": "What the resident says to the declining"})
    answered_at = Instant(allow_none=True)
