"""Consents on the wire, and the texts by which they are asked for."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.edge.schema import Input, Instant, PublicIdField, Version, Word
from app.identity.api import PERSON
from app.residents.names import CONSENT_ID
from app.residents.rules.consents import Category, Purpose, State
from app.residents.service.consents import Wish
from tenants.api import TENANT_ID

SHA256 = validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Not the hash of a text.")


class ConsentTextOut(Schema):
    """What is shown before somebody consents to one category for one purpose; both languages are one text."""

    purpose = Word(Purpose, required=True)
    category = Word(Category, required=True)
    version = Version(required=True)
    sha256 = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ConsentTextsOut(Schema):
    """The texts that are shown now."""

    data = fields.List(fields.Nested(ConsentTextOut), required=True)


class ConsentIn(Input):
    """Who may read one category for one purpose, until the end of a local day, by the text that was shown."""

    institution = PublicIdField(TENANT_ID, required=True)
    purpose = fields.Enum(Purpose, by_value=True, required=True)
    category = fields.Enum(Category, by_value=True, required=True)
    text_sha256 = fields.String(required=True, validate=SHA256, metadata={"description": "Of the text that was shown"})
    ends_on = fields.Date(required=True, format="%Y-%m-%d")

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Wish:
        return Wish(**data)


class ConsentOut(Schema):
    """A consent as its person reads it."""

    id = PublicIdField(CONSENT_ID, required=True)
    institution = PublicIdField(TENANT_ID, required=True)
    institution_name = fields.String(required=True)
    purpose = Word(Purpose, required=True)
    category = Word(Category, required=True)
    text_version = Version(required=True)
    text_sha256 = fields.String(required=True)
    ends_on = fields.Date(required=True)
    state = Word(State, required=True)
    granted_at = Instant(required=True)
    ended_at = Instant(allow_none=True, metadata={"description": "When it was revoked or replaced"})
    given_by = PublicIdField(
        PERSON, allow_none=True, metadata={"description": "The guardian who gave it; null where the person did"}
    )
    version = Version(required=True)
