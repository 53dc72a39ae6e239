"""Whether the signatures on a prescription can be relied upon, whole: what was signed, by which key, certified by whom
when, stamped when. The one place that says so, for the pharmacy's check and for whoever asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.scope import Scope
from app.core.unit import unit
from app.identity.api import Judged, Known, Signature, judge, known_of
from prescriptions.rules.documents import Document, SignedAs, canonical, decided, digest, signed_content

CHECKED = "checked"
"""The decision that the pharmacy's pharmacist signs."""
Given = Mapping[str, Any]
"""A signature as it travels."""


@dataclass(frozen=True)
class Verified:
    """One signature, and what can be said of it."""

    signature: Given = field(repr=False)
    judged: Judged


@dataclass(frozen=True)
class Verification:
    """What can be said of all signatures on a document."""

    document_digest: str
    signatures: Sequence[Verified]

    @property
    def holds(self) -> bool:
        """Whether each can be relied upon, and doctor and reviewer are among those who signed."""
        roles = {one.signature["role"] for one in self.signatures}
        return {SignedAs.DOCTOR, SignedAs.REVIEWER} <= roles and all(one.judged.holds for one in self.signatures)


def verification(document: Document, signatures: Sequence[Given], known: Known) -> Verification:
    """Hold each signature against the very document, by what is `known` of the keys; raises ValueError for what is
    malformed.
    """
    try:
        content = canonical(document)
        judged = [judge(signature_of(one), _content(content, one), known) for one in signatures]
        return Verification(digest(content), [*map(Verified, signatures, judged)])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("malformed") from error


def signatures_hold(document: Document, signatures: Sequence[Given], known: Known) -> bool:
    """Whether a prescription may be relied upon; what is malformed may not."""
    try:
        return verification(document, signatures, known).holds
    except ValueError:
        return False


def known_to(tenant: Scope, signatures: Sequence[Given]) -> Known:
    """What the tenant that signed knows of its keys now. A unit of its own: called outside any."""
    with unit(tenant) as reading:
        return known_of(reading, readable(signatures))


def readable(signatures: Sequence[Given]) -> list[Signature]:
    """Those that are not malformed."""
    found = []
    for one in signatures:
        try:
            found.append(signature_of(one))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found


def signature_of(given: Given) -> Signature:
    """A signature as it travels, read; raises KeyError, TypeError, ValueError."""
    signed_at = datetime.fromisoformat(given["signed_at"])
    return Signature(given["algorithm"], str(given["key_id"]), given["public_key"], str(given["value"]), signed_at)


def _content(document: bytes, given: Given) -> bytes:
    role = given["role"]
    return decided(document, CHECKED) if role == CHECKED else signed_content(document, SignedAs(role))
