"""What other slices may use of identity."""

from app.identity.credentials import CLIENT, PERSON, STAFF, fingerprint, matches, new_secret
from app.identity.factors.freshness import refuse_absent, refuse_unproved
from app.identity.models import OAuthClient
from app.identity.oidc.admission import authenticate
from app.identity.oidc.names import ISSUER, ORGANIZATION
from app.identity.oidc.service.apps import are_public_keys
from app.identity.oidc.service.keys import rotate as rotate_keys
from app.identity.passkeys.names import RELYING_PARTY
from app.identity.repository import CLIENT_STATES, locale_of
from app.identity.roles import FOR_CLIENTS, NEED_SECOND_FACTOR, PERMISSIONS, Role, permissions_of
from app.identity.service.clients import register_client, revoke_client
from app.identity.service.sign_ins import STAFF_LIFE
from app.identity.service.tokens import (
    issue_staff_token,
    person_actor,
    revoke_staff_tokens,
    sign_out,
)
from app.identity.signatures.service import Signature, sign
from app.identity.signatures.service import verify as verify_signature

__all__ = [
    "CLIENT",
    "CLIENT_STATES",
    "FOR_CLIENTS",
    "ISSUER",
    "NEED_SECOND_FACTOR",
    "ORGANIZATION",
    "PERMISSIONS",
    "PERSON",
    "RELYING_PARTY",
    "STAFF",
    "STAFF_LIFE",
    "OAuthClient",
    "Role",
    "Signature",
    "are_public_keys",
    "authenticate",
    "fingerprint",
    "issue_staff_token",
    "locale_of",
    "matches",
    "new_secret",
    "permissions_of",
    "person_actor",
    "refuse_absent",
    "refuse_unproved",
    "register_client",
    "revoke_client",
    "revoke_staff_tokens",
    "rotate_keys",
    "sign",
    "sign_out",
    "verify_signature",
]
