"""The port behind which certificates are issued, and what goes over it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.core.scope import Scope
from app.identity.signatures.stamps.connector import StampAuthority
from app.identity.signatures.x509 import Trust


class Reason(StrEnum):
    """Why a certificate is revoked (RFC 5280, 5.3.1), as words."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION_OF_OPERATION = "cessation_of_operation"
    PRIVILEGE_WITHDRAWN = "privilege_withdrawn"


@dataclass(frozen=True)
class Wanted:
    """A certificate that is asked for; the same `id` twice is one certificate."""

    id: uuid.UUID
    tenant: Scope
    request: bytes = field(repr=False)
    """PKCS 10, DER."""
    not_after: datetime
    """The end of the person's license: it is valid no longer."""
    crl: str
    """The path, from the platform's own address, at which the tenant's list of revoked certificates is fetched."""


@dataclass(frozen=True)
class Issued:
    """What an authority made: the certificate and those above it up to the root, each as `x5c` writes it."""

    chain: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Revoked:
    """Since when, and why, a certificate counts no more."""

    at: datetime
    reason: Reason


class AuthorityUnavailable(Exception):
    """No answer that can be believed; the same question is asked again later."""


class AuthorityRefused(Exception):
    """The authority said no, for good; `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CertificateAuthority(Protocol):
    """Issues certificates. Each call may be repeated, raises AuthorityUnavailable, and is made outside any unit."""

    @property
    def name(self) -> str:
        """What stands beside its certificates."""
        ...

    @property
    def at_once(self) -> bool:
        """Whether it answers without asking anybody."""
        ...

    def issue(self, wanted: Wanted, now: datetime) -> Issued:
        """Make a certificate; raises AuthorityRefused too."""
        ...

    def revoke(self, serial: str, revoked: Revoked) -> None:
        """Let everybody know that the certificate with that number (hexadecimal) counts no more."""
        ...

    def status(self, serial: str) -> Revoked | None:
        """Whether the authority itself has revoked it; None where it is good."""
        ...


@dataclass(frozen=True)
class Certifying:
    """Who certifies in this process, and whom it trusts."""

    authority: CertificateAuthority
    trust: Trust
    stamps: StampAuthority | None = None
    """Who stamps signatures; None where nobody does."""
    since: datetime | None = None
    """When the platform's own root was made: what was signed before could have no certificate."""


_certifying: Certifying | None = None


def connect_authority(certifying: Certifying) -> None:
    """Say once, in the factory, who certifies."""
    global _certifying  # noqa: PLW0603  # one process, one authority; the factory says it before the first key is made
    _certifying = certifying


def certifying() -> Certifying:
    """Who certifies in this process; raises RuntimeError before `connect_authority`."""
    if _certifying is None:
        raise RuntimeError("no certificate authority")
    return _certifying
