"""The access log on the wire."""

from marshmallow import Schema, fields

from app.edge.paging import PageQuery
from app.edge.schema import Instant, PublicIdField, Word
from app.identity.api import Role
from app.residents.names import ACCESS_ID
from app.residents.rules.access_words import CODES
from tenants.api import TENANT_ID, Who


class AccessQuery(PageQuery):
    """Accesses of which institution, and from when until when; all of them where nothing is named."""

    institution = PublicIdField(TENANT_ID, load_default=None)
    since = Instant(load_default=None)
    until = Instant(load_default=None, metadata={"description": "The first moment that is not asked for"})


class AccessOut(Schema):
    """That somebody looked at the person's data, or that a hook carried it out."""

    id = PublicIdField(ACCESS_ID, required=True)
    at = Instant(required=True)
    institution = PublicIdField(TENANT_ID, allow_none=True)
    institution_name = fields.String(allow_none=True)
    who = Word(Who, required=True)
    role = Word(Role, allow_none=True)
    name = fields.String(
        allow_none=True, metadata={"description": "Of a doctor, a pharmacist or a system; of nobody else"}
    )
    purpose = fields.String(required=True)
    kind = Word(CODES, required=True)
    subject = fields.String(required=True, metadata={"description": "The id of what was looked at first"})
    event = fields.String(
        allow_none=True, metadata={"description": "Of a hook that carried the person's data out; null for a look"}
    )
    host = fields.String(allow_none=True, metadata={"description": "The machine that the hook was sent to"})
    arrived_at = Instant(
        allow_none=True, metadata={"description": "When that machine confirmed it; null while it has not"}
    )
    sentence = fields.String(
        required=True,
        metadata={"description": "In Chinese or English: by Accept-Language, else in the person's own language"},
    )
