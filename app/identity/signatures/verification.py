"""Whether a signature can be relied upon: by its key, by who vouched for the key then, by when it was made."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.ids import MalformedId, PublicId
from app.core.unit import Unit
from app.identity.signatures.algorithms import ALGORITHMS
from app.identity.signatures.authority import Certifying, Revoked, certifying
from app.identity.signatures.certificates import revocation_of
from app.identity.signatures.models import SigningCertificate
from app.identity.signatures.names import SIGNING_KEY_ID, key_of
from app.identity.signatures.service import Signature, verify
from app.identity.signatures.stamps.stamping import digest_of, stamps_of
from app.identity.signatures.stamps.tokens import BadToken, believed
from app.identity.signatures.x509 import decoded, is_of


class Certified(StrEnum):
    """What the certificates of a key say of a signature of its."""

    CERTIFIED = "certified"
    UNCERTIFIED = "uncertified"
    """It was made before its key, or any key of the platform, could have a certificate; it counts as it did then."""
    NOT_VALID_THEN = "not_valid_then"
    REVOKED = "revoked"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True)
class Certificate:
    """What is known of one certificate of a key."""

    chain: tuple[str, ...] = field(repr=False)
    not_before: datetime
    not_after: datetime
    revoked: Revoked | None


@dataclass(frozen=True)
class Known:
    """What tenants know of keys and signatures: certificates by the key's public id, stamps by digest."""

    certificates: Mapping[str, Sequence[Certificate]] = field(default_factory=dict)
    stamps: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __or__(self, other: "Known") -> "Known":
        """What both know."""
        return Known({**self.certificates, **other.certificates}, {**self.stamps, **other.stamps})


@dataclass(frozen=True)
class Judged:
    """What can be said of a signature."""

    is_of_content: bool
    """Whether its key signed exactly that content."""
    digest: str | None
    """The digest within its algorithm; None for an algorithm that nobody knows."""
    certified: Certified
    stamped_at: datetime | None
    """When a trusted authority saw it; None where none has yet."""
    chain: tuple[str, ...] = field(repr=False)
    """The certificate that counts, and those above it."""
    stamp: bytes | None = field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether it can be relied upon."""
        return self.is_of_content and self.certified in (Certified.CERTIFIED, Certified.UNCERTIFIED)


def known_of(opened: Unit, signatures: Collection[Signature]) -> Known:
    """What the unit's tenant knows of `signatures`; works with a resident bound."""
    query = opened.select(SigningCertificate).where(SigningCertificate.key_id.in_(sorted(_ids(opened, signatures))))
    found: dict[str, list[Certificate]] = {}
    for row in opened.all(query.order_by(SigningCertificate.not_before, SigningCertificate.id)):
        if row.chain and row.not_before and row.not_after:
            made = Certificate(tuple(row.chain), row.not_before, row.not_after, revocation_of(row))
            found.setdefault(str(key_of(row)), []).append(made)
    return Known(found, stamps_of(opened, [one.value for one in signatures]))


def _ids(opened: Unit, signatures: Collection[Signature]) -> Iterator[uuid.UUID]:
    """The keys of the unit's tenant among those that signed."""
    for key in {one.key_id for one in signatures}:
        with suppress(MalformedId):
            known = PublicId.parse(key, SIGNING_KEY_ID)
            if known.scope.tenant == opened.scope.tenant:
                yield known.id


def judge(signature: Signature, content: bytes, known: Known) -> Judged:
    """What can be said of `signature` as one of `content`, by what is `known` and whom this process trusts.

    Made it was when the stamp says so, and without a stamp when the signature says so.
    """
    trusted = certifying()
    token, stamped_at = _stamp(signature, known, trusted)
    certified, chain = _certified(signature, stamped_at or signature.signed_at, known, trusted)
    algorithm = ALGORITHMS.get(signature.algorithm)
    digest = algorithm.digest if algorithm else None
    return Judged(verify(signature, content), digest, certified, stamped_at, chain, token)


def _stamp(signature: Signature, known: Known, trusted: Certifying) -> tuple[bytes | None, datetime | None]:
    digest = digest_of(signature.value)
    token = known.stamps.get(digest)
    if token is None or trusted.stamps is None:
        return None, None
    try:
        return token, believed(token, bytes.fromhex(digest), trusted.stamps.trust).at
    except BadToken:
        return None, None


def _certified(
    signature: Signature, at: datetime, known: Known, trusted: Certifying
) -> tuple[Certified, tuple[str, ...]]:
    of_key = known.certificates.get(signature.key_id, ())
    if _is_older(signature, of_key, trusted):
        return Certified.UNCERTIFIED, ()
    covering = [one for one in of_key if one.not_before <= at < one.not_after]
    if not covering:
        return Certified.NOT_VALID_THEN, ()
    newest = covering[-1]
    if not _is_trusted(signature, newest, at, trusted):
        return Certified.UNTRUSTED, newest.chain
    is_revoked = newest.revoked is not None and newest.revoked.at <= at
    return Certified.REVOKED if is_revoked else Certified.CERTIFIED, newest.chain


def _is_older(signature: Signature, of_key: Sequence[Certificate], trusted: Certifying) -> bool:
    """Whether it was made before certificates: of its key, which got one later, or of anybody's."""
    if of_key:
        first = of_key[0]
        return signature.signed_at < first.not_before and _is_trusted(signature, first, first.not_before, trusted)
    return trusted.since is not None and signature.signed_at < trusted.since


def _is_trusted(signature: Signature, certificate: Certificate, at: datetime, trusted: Certifying) -> bool:
    try:
        chain = [decoded(one) for one in certificate.chain]
    except ValueError:
        return False
    return is_of(chain[0], signature.public_key) and trusted.trust.reaches(chain, at)
