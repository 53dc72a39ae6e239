"""Bodies and answers of the allergy endpoints."""

from marshmallow import Schema, fields, validate

from app.edge.schema import Input, Instant, PublicIdField, Text, Version, Word
from app.residents.names import ALLERGY_ID
from app.residents.rules.allergies import ATC
from app.residents.service.allergies import REMOVED, STATED

NAME = 200


class AllergyIn(Input):
    """What one does not tolerate: the ATC code of the ingredients, and the name one has for it."""

    group = fields.String(required=True, validate=validate.Regexp(ATC, error="Not an ATC code."))
    name = Text(NAME, required=True)


class AllergyOut(Schema):
    """An allergy that a resident stated."""

    id = PublicIdField(ALLERGY_ID, required=True)
    group = fields.String(required=True)
    name = fields.String(required=True)
    state = Word((STATED, REMOVED), required=True)
    stated_at = Instant(required=True)
    removed_at = Instant(allow_none=True)
    version = Version(required=True)
