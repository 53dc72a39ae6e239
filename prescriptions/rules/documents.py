"""What exactly is signed on a prescription. Pure, so that anybody can check a signature with nothing but this.

The doctor signs the canonical bytes of the document (RFC 8785); who decides on it later signs its digest with the
decision, so that nobody's signature can be shown as another's.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import rfc8785

Document = Mapping[str, Any]


class SignedAs(StrEnum):
    """As what somebody signs."""

    DOCTOR = "doctor"
    REVIEWER = "reviewer"
    CONFIRMATION = "confirmation"
    """The doctor's second signature, in answer to a pharmacist's question (处方管理办法 art. 36)."""


DECISIONS: Mapping[SignedAs, str] = {SignedAs.REVIEWER: "passed", SignedAs.CONFIRMATION: "confirmed"}


def canonical(document: Document) -> bytes:
    """The bytes that the doctor signs."""
    return rfc8785.dumps(dict(document))


def digest(document: bytes) -> str:
    """The SHA-256 of the canonical bytes, hexadecimal."""
    return hashlib.sha256(document).hexdigest()


def decided(document: bytes, decision: str) -> bytes:
    """The bytes that are signed by who decides `decision` on a document, given by its canonical bytes."""
    return rfc8785.dumps({"decision": decision, "document": digest(document)})


def signed_content(document: bytes, role: SignedAs) -> bytes:
    """What somebody signs as `role`."""
    return document if role is SignedAs.DOCTOR else decided(document, DECISIONS[role])
