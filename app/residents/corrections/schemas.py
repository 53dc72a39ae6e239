"""Bodies and answers of corrections."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from app.edge.paging import PageQuery
from app.edge.schema import Input, Instant, PublicIdField, Text, Version, Word
from app.residents.corrections.rules import Area, Refusal, State
from app.residents.names import CORRECTION_ID
from tenants.api import TENANT_ID

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


class OwnCorrectionsQuery(PageQuery):
    """Of which institution."""

    institution = PublicIdField(TENANT_ID, required=True)


class CorrectionAnswerIn(Input):
    """An amendment, beside what it said before; or the reason why it stays, in a code and in words."""

    former = Text(LONGEST, load_default=None, metadata={"description": "As it stands, where it is amended"})
    text = Text(LONGEST, required=True, metadata={"description": "As it is to be read from now on, or why it stays"})
    reason = fields.Enum(Refusal, by_value=True, load_default=None, metadata={"description": "Why it stays"})

    @validates_schema
    def _one_of_both(self, said: Mapping[str, Any], **_: Any) -> None:
        if (said.get("former") is None) == (said.get("reason") is None):
            raise ValidationError("Either what is amended, or the reason why it stays.", "reason")


class StatementIn(Input):
    """What a resident has to say to a refusal."""

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
    reason = Word(Refusal, allow_none=True)
    statement = fields.String(allow_none=True, metadata={"description": "What the resident says to the refusal"})
    answered_at = Instant(allow_none=True)
