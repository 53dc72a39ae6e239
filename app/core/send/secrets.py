"""An endpoint's signing secret: shown once, stored encrypted."""

import base64
import os
import uuid

from app.core.crypto import Cipher
from app.core.scope import Scope

PREFIX = "whsec_"
LENGTH = 32
"""Bytes; Standard Webhooks asks for 24 to 64."""


def new_secret() -> str:
    """A fresh secret in the form that receivers' libraries read."""
    return PREFIX + base64.b64encode(os.urandom(LENGTH)).decode()


def seal_secret(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, secret: str) -> bytes:
    """Encrypt `secret` for its endpoint."""
    return cipher.seal(secret.encode(), _place(scope, endpoint))


def open_secret(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, sealed: bytes) -> str:
    """Decrypt what `seal_secret` made; raises CannotDecrypt."""
    return cipher.open(sealed, _place(scope, endpoint)).decode()


def _place(scope: Scope, endpoint: uuid.UUID) -> str:
    return f"{scope}/webhook_endpoints/secret/{endpoint}"
