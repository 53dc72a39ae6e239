"""An endpoint's signing secrets: each shown once, stored encrypted; a former one signs too until its time is over."""

import base64
import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.core.crypto import Cipher
from app.core.scope import Scope
from app.core.unit import database

PREFIX = "whsec_"
LENGTH = 32
"""Bytes; Standard Webhooks asks for 24 to 64."""
BOTH_SIGN = timedelta(hours=24)
"""How long a former secret signs beside the new one, so that the receiver can change over."""


@dataclass(frozen=True)
class Secrets:
    """What an endpoint's messages are signed with; `until` is when `former` ends."""

    current: str = field(repr=False)
    former: str | None = field(default=None, repr=False)
    until: datetime | None = None

    def signing(self, now: datetime) -> list[str]:
        """Those that sign at `now`, the newest first."""
        return [self.current, self.former] if self.former and self.is_rotating(now) else [self.current]

    def is_rotating(self, now: datetime) -> bool:
        """Whether a former secret still signs."""
        return self.until is not None and now < self.until

    def rotated(self, now: datetime) -> "Secrets":
        """A fresh secret, with the present one as its former."""
        return Secrets(new_secret(), self.current, now + BOTH_SIGN)


def new_secret() -> str:
    """A fresh secret in the form that receivers' libraries read."""
    return PREFIX + base64.b64encode(os.urandom(LENGTH)).decode()


def seal_secret(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, secret: str) -> bytes:
    """Encrypt the one `secret` of an endpoint."""
    return seal_secrets(cipher, scope, endpoint, Secrets(secret))


def seal_secrets(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, secrets: Secrets) -> bytes:
    """Encrypt `secrets` for their endpoint."""
    parts = [secrets.current]
    if secrets.former and secrets.until:
        parts += [secrets.former, str(int(secrets.until.timestamp()))]
    return cipher.seal(" ".join(parts).encode(), _place(scope, endpoint))


def open_secrets(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, sealed: bytes) -> Secrets:
    """Decrypt what `seal_secrets` made; raises CannotDecrypt."""
    current, *rest = cipher.open(sealed, _place(scope, endpoint)).decode().split(" ")
    if not rest:
        return Secrets(current)
    return Secrets(current, rest[0], datetime.fromtimestamp(int(rest[1]), UTC))


def open_secret(cipher: Cipher, scope: Scope, endpoint: uuid.UUID, sealed: bytes) -> str:
    """What signs at this moment: one secret or two, separated by a space, as their signatures are on the wire.

    Raises CannotDecrypt.
    """
    return " ".join(open_secrets(cipher, scope, endpoint, sealed).signing(database().clock.now()))


def _place(scope: Scope, endpoint: uuid.UUID) -> str:
    return f"{scope}/webhook_endpoints/secret/{endpoint}"
