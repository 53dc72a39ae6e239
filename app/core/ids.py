"""Identifiers: UUIDv7 inside, opaque prefixed strings outside.

A public id carries the scope that owns the row (a tenant's number or a person's uuid) beside the row's own uuid,
so that a look-up pins its key without a search, and a stranger's id is recognised without a query.
"""

import base64
import re
import uuid
from dataclasses import dataclass

from uuid_utils.compat import uuid7

from app.core.scope import Scope, ScopeKind

_SHAPE = re.compile(r"\A([a-z]{2,12})_([0-9a-v]{1,64})\Z")
_TENANT_LENGTH = 8
_UUID_LENGTH = 16
_DIGIT_BITS = 5


class MalformedId(ValueError):
    """The text is no public id of the expected kind; to a caller it names nothing (404)."""


@dataclass(frozen=True, slots=True)
class PublicId:
    """A row's identity as a caller sees it: kind prefix, owning scope, uuid inside that scope."""

    prefix: str
    scope: Scope
    id: uuid.UUID

    def __str__(self) -> str:
        """The opaque text, `<prefix>_<base32hex>`."""
        owner = _owner_bytes(self.scope)
        return f"{self.prefix}_{base64.b32hexencode(owner + self.id.bytes).decode().rstrip('=').lower()}"

    @classmethod
    def parse(cls, text: str, prefix: str) -> "PublicId":
        """Read `text` as an id of kind `prefix`; raises MalformedId unless it is exactly what `str` would write."""
        found = _SHAPE.match(text)
        if not found or found[1] != prefix:
            raise MalformedId(prefix)
        raw = _decode(found[2])
        return cls(prefix, _owner_scope(raw[:-_UUID_LENGTH]), uuid.UUID(bytes=raw[-_UUID_LENGTH:]))


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: unique, and ordered by time of making."""
    return uuid7()


def _owner_bytes(scope: Scope) -> bytes:
    if scope.kind is ScopeKind.TENANT:
        return scope.require_tenant().to_bytes(_TENANT_LENGTH, "big")
    return scope.require_person().bytes


def _owner_scope(raw: bytes) -> Scope:
    try:
        if len(raw) == _TENANT_LENGTH:
            return Scope.for_tenant(int.from_bytes(raw, "big"))
        if len(raw) == _UUID_LENGTH:
            return Scope.for_person(uuid.UUID(bytes=raw))
    except ValueError as error:
        raise MalformedId("owner") from error
    raise MalformedId("owner")


def _decode(text: str) -> bytes:
    """The bytes that base32hex writes as `text`, digits of five bits each.

    One row, one spelling, because caches and audit compare ids as text: no digit is too many, no bit to spare is set.
    """
    length, spare = divmod(len(text) * _DIGIT_BITS, 8)
    value = int(text, 2**_DIGIT_BITS)
    if spare >= _DIGIT_BITS or value % 2**spare:
        raise MalformedId("base32")
    return (value >> spare).to_bytes(length, "big")
