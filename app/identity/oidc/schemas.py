"""What apps and grants look like on the wire of the API."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, QueryYesNo, Text, Version, Word
from app.identity.oidc.names import ACTIVE, APP, ENDED, GRANT, METHODS, REVOKED
from app.identity.oidc.rules import LONGEST_URI
from app.identity.oidc.scopes import SCOPES

NAME, MOST_URIS, CODE = 100, 10, 100


def _uris(least: int, **options: Any) -> fields.List[str]:
    about = "https, or http to 127.0.0.1 or [::1]; compared character by character"
    rule = validate.Length(least, MOST_URIS)
    return fields.List(Text(LONGEST_URI), validate=rule, metadata={"description": about}, **options)


class AppIn(Input):
    """An app that persons may let act for them."""

    name = Text(NAME, required=True)
    redirect_uris = _uris(1, required=True)
    post_logout_redirect_uris = _uris(0, load_default=list)
    scopes = fields.List(Text(CODE), required=True, validate=validate.Length(1, 50))
    auth_method = fields.String(required=True, validate=validate.OneOf(METHODS))
    jwks = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class ReviewsQuery(PageQuery):
    """Those that wait for a review, because whoever answered for them has left, or those that do not; else all."""

    review_due = QueryYesNo(load_default=None)


class AppOut(Schema):
    """A registered app; its id is its `client_id`."""

    id = IdOf(APP, lambda row: row.public_id)
    name = fields.String(required=True)
    redirect_uris = fields.List(fields.String(), required=True)
    post_logout_redirect_uris = fields.List(fields.String(), required=True)
    scopes = fields.List(fields.String(), required=True)
    auth_method = Word(METHODS, required=True)
    state = Word((ACTIVE, REVOKED), required=True)
    registered_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Who answers for it, as the journal names authors"}
    )
    review_since = Instant(
        required=True, allow_none=True,
        metadata={"description": "Since when it waits for a review: whoever answered for it has left, or is not known"},
    )  # fmt: skip
    created_at = Instant(required=True)
    version = Version(required=True)


class AppSecretOut(Schema):
    """A fresh app; the secret is shown this once, and null where it has none."""

    app = fields.Nested(AppOut, required=True)
    client_secret = fields.String(allow_none=True)


class AppGrantOut(Schema):
    """What a person allows an app."""

    id = IdOf(GRANT, lambda row: PublicId(GRANT, Scope.for_person(row.person_id), row.id))
    app = IdOf(APP, lambda row: PublicId(APP, Scope.for_tenant(row.tenant), row.app_id))
    app_name = fields.String(required=True)
    organization = fields.String(required=True)
    scopes = fields.List(Word(SCOPES), required=True)
    state = Word((ACTIVE, ENDED), required=True)
    granted_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    version = Version(required=True)
