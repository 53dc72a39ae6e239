"""Exports on the wire."""

from marshmallow import Schema

from app.edge.schema import Instant, PublicIdField, Version, Word
from app.residents.export_models import ExportState
from app.residents.names import EXPORT_ID


class ExportOut(Schema):
    """An export of everything about the caller."""

    id = PublicIdField(EXPORT_ID, required=True)
    state = Word(ExportState, required=True)
    asked_at = Instant(required=True)
    ended_at = Instant(allow_none=True)
    kept_until = Instant(allow_none=True)
    version = Version(required=True)
