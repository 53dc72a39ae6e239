"""Families of tokens: everything that came of one code, and how it ends."""

from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.unit import Unit
from app.identity.oidc.models import AppFamily, AppGrant
from app.identity.oidc.names import ACTIVE, FAMILY

BEGUN = "app_tokens.begun"
ENDED = "app_tokens.ended"


def revoke_family(opened: Unit, family: AppFamily, reason: str) -> None:
    """End every token of `family`, which the unit holds; the entry says why, once."""
    if family.revoked_at is None:
        family.revoked_at = opened.now
        record(opened, ENDED, subject(opened, family), 2, {"reason": reason})


def holds(opened: Unit, family: AppFamily) -> bool:
    """Whether tokens of `family` may be used: neither ended nor withdrawn by the person."""
    grant = opened.get(AppGrant, family.grant_id)
    living = family.revoked_at is None and family.expires_at > opened.now
    return living and grant is not None and grant.state == ACTIVE


def subject(opened: Unit, family: AppFamily) -> PublicId:
    """How entries name a family."""
    return PublicId(FAMILY, opened.scope, family.id)
