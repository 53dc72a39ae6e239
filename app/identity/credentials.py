"""The form of secrets and tokens: `<public id>.<random>`, where the id says in which scope to look. Pure."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from functools import lru_cache

from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope

CLIENT = "cli"
PERSON = "per"
STAFF = "sta"
REMEMBERED = 4096
"""Ids of tokens that a process remembers taken apart: the same few come with every request. No secret is among them."""
TOKEN = "tok"  # noqa: S105  # the prefix of a token's id, no secret


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Whether `secret` is the one whose fingerprint is stored, in constant time."""
    return hmac.compare_digest(fingerprint(secret), stored)


@lru_cache(REMEMBERED)
def _named(first: str) -> PublicId:
    return PublicId.parse(first, TOKEN)


@dataclass(frozen=True)
class Bearer:
    """An access token taken apart."""

    scope: Scope
    id: uuid.UUID
    secret: str

    @classmethod
    def parse(cls, text: str) -> "Bearer | None":
        """The token in `text`, or None where it is none of ours."""
        first, _, secret = text.partition(".")
        try:
            known = _named(first)
        except MalformedId:
            return None
        return cls(known.scope, known.id, secret) if secret else None

    def __str__(self) -> str:
        """The text that the bearer sends."""
        return f"{PublicId(TOKEN, self.scope, self.id)}.{self.secret}"
