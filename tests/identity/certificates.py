"""Signers whose keys are certified, and whoever certifies and stamps in their place for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.core.http import Policy
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, connect, database, run, unit
from app.identity.api import Judged, Role, Signature, judge, known_of, sign
from app.identity.credentials import STAFF
from app.identity.signatures.authority import Certifying, certifying, connect_authority
from app.identity.signatures.connectors.authority import OutsideAuthority, over
from app.identity.signatures.models import SigningCertificate, SigningKey
from app.identity.signatures.stamps import connector
from app.identity.signatures.x509 import Trust
from tenants.rules import Kind
from tests.architecture.cast import employed, opened_tenant
from tests.sandbox.listening import root_of
from tests.scheduling.clock import Clock

CONTENT = "处方".encode()
KEY = "key_of_the_tests"


def hospital() -> Scope:
    """A fresh tenant whose staff may sign."""
    return opened_tenant(Kind.HOSPITAL)


def signer(scope: Scope) -> Caller:
    """A doctor who has no key yet."""
    return Caller(f"staff:{PublicId(STAFF, scope, employed(scope, [Role.DOCTOR]).id)}")


def signed(scope: Scope, key: SigningKey, content: bytes = CONTENT) -> Signature:
    """A signature of `content` with the owner's active key."""
    return run(scope, lambda opened: sign(opened, key.staff_id, content))


def judged(scope: Scope, signature: Signature, content: bytes = CONTENT) -> Judged:
    """What can be said of a signature by what its tenant knows."""
    with unit(scope) as reading:
        return judge(signature, content, known_of(reading, [signature]))


def certificates_of(scope: Scope) -> list[SigningCertificate]:
    """Every certificate of a tenant, oldest first."""
    with unit(scope) as reading:
        return reading.all(reading.select(SigningCertificate).order_by(SigningCertificate.id))


@contextmanager
def certified_by(changed: Certifying) -> Iterator[None]:
    """Let others certify, until the block ends."""
    former = certifying()
    connect_authority(changed)
    try:
        yield
    finally:
        connect_authority(former)
        for one in (changed.authority, changed.stamps):
            if isinstance(one, OutsideAuthority | connector.StampAuthority):
                one.client.close()


def outside_at(url: str) -> Certifying:
    """An outside authority at `url`, beside whose root the own one stays trusted."""
    former = certifying()
    return replace(
        former, authority=over(Policy.loopback(), url, KEY), trust=Trust((*former.trust.roots, root_of(url)))
    )


def stamped_at(url: str) -> Certifying:
    """A time-stamp authority at `url`."""
    return replace(certifying(), stamps=connector.over(Policy.loopback(), f"{url}/", Trust((root_of(url),))))


@contextmanager
def turned() -> Iterator[Clock]:
    """A clock that may be put forward, until the block ends."""
    former, clock = database(), Clock()
    connect(replace(former, clock=clock))
    try:
        yield clock
    finally:
        connect(former)
