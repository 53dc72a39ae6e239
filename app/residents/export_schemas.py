"""Exports on the wire."""

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from app.edge.schema import Input, Instant, PublicIdField, Version, Word
from app.residents.export_models import ExportState
from app.residents.names import EXPORT_ID
from app.residents.rules.access_words import LANGUAGES


class ExportQuery(Input):
    """How the export is wished."""

    language = fields.String(
        load_default=None,
        validate=OneOf(LANGUAGES),
        metadata={"description": "Of the PDF; without it the person's own language"},
    )


class ExportOut(Schema):
    """An export of everything about the caller."""

    id = PublicIdField(EXPORT_ID, required=True)
    state = Word(ExportState, required=True)
    asked_at = Instant(required=True)
    ended_at = Instant(allow_none=True)
    kept_until = Instant(allow_none=True)
    has_pdf = fields.Boolean(required=True, metadata={"description": "Whether there is a PDF beside the JSON file"})
    version = Version(required=True)
