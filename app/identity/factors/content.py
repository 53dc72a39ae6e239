"""The one place that seals and opens the secrets of authenticators."""

import uuid

from app.core.unit import Unit
from app.identity.factors.models import Authenticator


def sealed_secret(opened: Unit, authenticator: uuid.UUID, secret: bytes) -> bytes:
    """`secret`, for that authenticator of the unit's person."""
    return opened.cipher.seal(secret, _place(opened, authenticator))


def opened_secret(opened: Unit, row: Authenticator) -> bytes:
    """The secret of an authenticator of the unit's person."""
    return opened.cipher.open(row.secret, _place(opened, row.id))


def _place(opened: Unit, authenticator: uuid.UUID) -> str:
    return f"{opened.scope}/authenticators/secret/{authenticator}"
