"""The structures of a time stamp, as this authority reads and writes them (RFC 3161, RFC 5652, RFC 5035)."""

from __future__ import annotations

from typing import Annotated

from cryptography import x509
from cryptography.hazmat.asn1 import (
    TLV,
    Default,
    Explicit,
    GeneralizedTime,
    Implicit,
    Null,
    SetOf,
    encode_der,
    sequence,
)

Oid = x509.ObjectIdentifier
SHA256, ECDSA_SHA256 = Oid("2.16.840.1.101.3.4.2.1"), Oid("1.2.840.10045.4.3.2")
SIGNED_DATA, TST_INFO = Oid("1.2.840.113549.1.7.2"), Oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE, MESSAGE_DIGEST = Oid("1.2.840.113549.1.9.3"), Oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = Oid("1.2.840.113549.1.9.16.2.47")


@sequence
class Algorithm:
    """An algorithm."""

    name: Oid
    parameters: Null | None


@sequence
class Imprint:
    """A digest."""

    by: Algorithm
    digest: bytes


@sequence
class Query:
    """What is asked."""

    version: int
    imprint: Imprint
    policy: Oid | None
    nonce: int | None
    with_certificate: Annotated[bool, Default(value=False)]


@sequence
class Info:
    """What is stamped, and when."""

    version: int
    policy: Oid
    imprint: Imprint
    number: int
    at: GeneralizedTime
    nonce: int | None


@sequence
class Attribute:
    """Something that is signed beside the content."""

    kind: Oid
    values: SetOf[TLV]


@sequence
class Attributes:
    """All that is signed."""

    all: SetOf[Attribute]


@sequence
class Named:
    """Which certificate signs, by its SHA-256."""

    digest: bytes


@sequence
class Certificates:
    """Which certificates sign."""

    named: list[Named]


@sequence
class IssuerAndSerial:
    """Whose key signs."""

    issuer: TLV
    serial: int


@sequence
class Signer:
    """A signature."""

    version: int
    whose: IssuerAndSerial
    digest: Algorithm
    attributes: Annotated[SetOf[Attribute], Implicit(0)]
    how: Algorithm
    signature: bytes


@sequence
class Content:
    """What is signed."""

    kind: Oid
    content: Annotated[bytes, Explicit(0)]


@sequence
class Signed:
    """Content, certificates and signatures."""

    version: int
    digests: SetOf[Algorithm]
    content: Content
    certificates: Annotated[list[x509.Certificate], Implicit(0)]
    signers: SetOf[Signer]


@sequence
class Token:
    """A time stamp."""

    kind: Oid
    signed: Annotated[Signed, Explicit(0)]


@sequence
class Status:
    """How it went."""

    code: int
    text: list[str] | None


@sequence
class Reply:
    """What is answered."""

    status: Status
    token: Token | None


def to_be_signed(attributes: list[Attribute]) -> bytes:
    """The attributes as a set of their own (RFC 5652, 5.4): what lies within the sequence that holds them."""
    whole = encode_der(Attributes(all=SetOf(attributes)))
    octets_of_length = whole[1] & 0x7F if whole[1] & 0x80 else 0
    return whole[2 + octets_of_length :]
