"""What other slices may use of identity."""

from app.identity.credentials import CLIENT, PERSON, STAFF, fingerprint, matches, new_secret
from app.identity.entries import OWN_ENTRIES, OWN_TYPES
from app.identity.erased import apply_at_once, unless_erased
from app.identity.factors.freshness import refuse_absent, refuse_unattended, refuse_unproved
from app.identity.models import Login, OAuthClient
from app.identity.notices.kinds import Kind as NoticeKind
from app.identity.notices.schemas import subject as notice_id
from app.identity.notices.telling import tell as tell_owner
from app.identity.oidc.admission import authenticate
from app.identity.oidc.names import ISSUER, ORGANIZATION
from app.identity.oidc.schemas import ReviewsQuery
from app.identity.oidc.service.apps import are_public_keys, ask_app_reviews
from app.identity.oidc.service.keys import rotate as rotate_keys
from app.identity.passkeys.names import RELYING_PARTY
from app.identity.phone_content import phone_of
from app.identity.recoveries.asking import prove_number
from app.identity.recoveries.service import let_in
from app.identity.repository import CLIENT_STATES, REVOKED, locale_of, move_login
from app.identity.roles import FOR_CLIENTS, NEED_SECOND_FACTOR, PERMISSIONS, Role, permissions_of
from app.identity.rules import StatedIdentity, is_same_identity
from app.identity.schemas import code_field, phone_field
from app.identity.service.accounts import (
    Closed,
    close_account,
    end_acting,
    end_all,
    give_phone,
    is_closed,
    locked_person,
    open_account,
    open_again,
)
from app.identity.service.acting import Acting, ActingToken, is_signed_in, issue_acting_token, who_acts
from app.identity.service.clients import clients_answered_for, register_client, revoke_client
from app.identity.service.sign_in import holder_of, login_key, part_phone, release_login
from app.identity.service.sign_ins import STAFF_LIFE
from app.identity.service.tokens import (
    issue_staff_token,
    person_actor,
    revoke_staff_tokens,
    sign_out,
)
from app.identity.signatures.authority import Reason as RevocationReason
from app.identity.signatures.authority import connect_authority
from app.identity.signatures.connecting import certifying_of
from app.identity.signatures.own_authority import new_issuer, new_root
from app.identity.signatures.service import Signature, sign
from app.identity.signatures.service import revoke_of as revoke_signing_key_of
from app.identity.signatures.service import verify as verify_signature
from app.identity.signatures.verification import Certified, Judged, Known, judge, known_of

__all__ = [
    "CLIENT",
    "CLIENT_STATES",
    "FOR_CLIENTS",
    "ISSUER",
    "NEED_SECOND_FACTOR",
    "ORGANIZATION",
    "OWN_ENTRIES",
    "OWN_TYPES",
    "PERMISSIONS",
    "PERSON",
    "RELYING_PARTY",
    "REVOKED",
    "STAFF",
    "STAFF_LIFE",
    "Acting",
    "ActingToken",
    "Certified",
    "Closed",
    "Judged",
    "Known",
    "Login",
    "NoticeKind",
    "OAuthClient",
    "ReviewsQuery",
    "RevocationReason",
    "Role",
    "Signature",
    "StatedIdentity",
    "apply_at_once",
    "are_public_keys",
    "ask_app_reviews",
    "authenticate",
    "certifying_of",
    "clients_answered_for",
    "close_account",
    "code_field",
    "connect_authority",
    "end_acting",
    "end_all",
    "fingerprint",
    "give_phone",
    "holder_of",
    "is_closed",
    "is_same_identity",
    "is_signed_in",
    "issue_acting_token",
    "issue_staff_token",
    "judge",
    "known_of",
    "let_in",
    "locale_of",
    "locked_person",
    "login_key",
    "matches",
    "move_login",
    "new_issuer",
    "new_root",
    "new_secret",
    "notice_id",
    "open_account",
    "open_again",
    "part_phone",
    "permissions_of",
    "person_actor",
    "phone_field",
    "phone_of",
    "prove_number",
    "refuse_absent",
    "refuse_unattended",
    "refuse_unproved",
    "register_client",
    "release_login",
    "revoke_client",
    "revoke_signing_key_of",
    "revoke_staff_tokens",
    "rotate_keys",
    "sign",
    "sign_out",
    "tell_owner",
    "unless_erased",
    "verify_signature",
    "who_acts",
]
