"""The exact text of a sealed entry and its hash: pure, so that anybody can check a chain with nothing but this."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

VERSION = 1


@dataclass(frozen=True)
class Written:
    """What an entry says, before it has a place in a chain."""

    id: str
    scope: str
    at: datetime
    actor: str
    request_id: str
    type: str
    subject: str
    subject_version: int
    facts: dict[str, Any]
    roles: tuple[str, ...] = ()
    """In which roles a member of a staff acted; of anybody else the text says nothing."""


def instant(at: datetime) -> str:
    """`at` as RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(written: Written, seq: int, previous: str) -> str:
    """The canonical JSON (RFC 8785) of an entry at `seq`, following the entry whose hash is `previous`."""
    value: dict[str, Any] = {
        "v": VERSION, "seq": seq, "previous": previous, "id": written.id, "scope": written.scope,
        "at": instant(written.at), "actor": written.actor, "request": written.request_id, "type": written.type,
        "subject": {"id": written.subject, "version": written.subject_version}, "facts": written.facts,
    }  # fmt: skip
    if written.roles:
        value["roles"] = list(written.roles)
    return rfc8785.dumps(value).decode()


def digest(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
