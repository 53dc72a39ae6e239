"""The private parts of signing keys: the one place that seals and opens them."""

import uuid

from app.core.scope import Scope
from app.core.unit import Unit
from app.identity.signatures.models import SigningKey


def sealed_private(opened: Unit, key_id: uuid.UUID, private: bytes) -> bytes:
    """A private part (PKCS 8), encrypted for its row."""
    return opened.cipher.seal(private, _place(opened.scope, key_id))


def private_part(opened: Unit, key: SigningKey) -> bytes:
    """The private part of `key`, PKCS 8."""
    return opened.cipher.open(key.private_key, _place(opened.scope, key.id))


def _place(scope: Scope, key_id: uuid.UUID) -> str:
    return f"tenant:{scope.require_tenant()}/signing_keys/private_key/{key_id}"
