"""What is sent to a time-stamp authority and what comes back, as ASN.1 (RFC 3161, RFC 5652, RFC 5035)."""

from typing import Annotated

from cryptography import x509
from cryptography.hazmat.asn1 import (
    TLV,
    BitString,
    Default,
    Explicit,
    GeneralizedTime,
    IA5String,
    Implicit,
    Null,
    SetOf,
    sequence,
)

SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
ECDSA_SHA256 = x509.ObjectIdentifier("1.2.840.10045.4.3.2")
RSA_SHA256 = x509.ObjectIdentifier("1.2.840.113549.1.1.11")
RSA = x509.ObjectIdentifier("1.2.840.113549.1.1.1")
SIGNED_DATA = x509.ObjectIdentifier("1.2.840.113549.1.7.2")
TST_INFO = x509.ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = x509.ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = x509.ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
GRANTED = (0, 1)
"""`granted`, and with changes that concern nothing that is asked for here."""


@sequence
class AlgorithmIdentifier:
    """An algorithm; those that are used here have no parameters."""

    algorithm: x509.ObjectIdentifier
    parameters: Null | None


@sequence
class MessageImprint:
    """The digest that is stamped."""

    hash_algorithm: AlgorithmIdentifier
    hashed_message: bytes


@sequence
class TimeStampReq:
    """The question."""

    version: int
    message_imprint: MessageImprint
    req_policy: x509.ObjectIdentifier | None
    nonce: int | None
    cert_req: Annotated[bool, Default(value=False)]


@sequence
class Accuracy:
    """By how much the time may be wrong."""

    seconds: int | None
    millis: Annotated[int | None, Implicit(0)]
    micros: Annotated[int | None, Implicit(1)]


@sequence
class GeneralName:
    """An authority's name: one of these. A choice under an explicit tag looks like a sequence under an implicit one."""

    directory: Annotated[list[TLV] | None, Explicit(4)]
    address: Annotated[IA5String | None, Implicit(6)]


@sequence
class TSTInfo:
    """What is signed: the digest and the time."""

    version: int
    policy: x509.ObjectIdentifier
    message_imprint: MessageImprint
    serial_number: int
    gen_time: GeneralizedTime
    accuracy: Accuracy | None
    ordering: Annotated[bool, Default(value=False)]
    nonce: int | None
    tsa: Annotated[GeneralName | None, Implicit(0)]


@sequence
class Attribute:
    """Something that is signed together with the content's digest."""

    type: x509.ObjectIdentifier
    values: SetOf[TLV]


@sequence
class Attributes:
    """All of them; within a signer's information they have another tag than when they are signed."""

    attributes: SetOf[Attribute]


@sequence
class IssuerSerial:
    """Whose certificate, and its number."""

    issuer: list[TLV]
    serial_number: int


@sequence
class EssCertId:
    """Which certificate signs; without `hash_algorithm`, by its SHA-256."""

    hash_algorithm: AlgorithmIdentifier | None
    cert_hash: bytes
    issuer_serial: IssuerSerial | None


@sequence
class SigningCertificate:
    """The certificates that sign, the first of which is the authority's own."""

    certs: list[EssCertId]


@sequence
class SignerInfo:
    """Who signed, and the signature."""

    version: int
    sid: TLV
    digest_algorithm: AlgorithmIdentifier
    signed_attrs: Annotated[SetOf[Attribute] | None, Implicit(0)]
    signature_algorithm: AlgorithmIdentifier
    signature: bytes
    unsigned_attrs: Annotated[SetOf[Attribute] | None, Implicit(1)]


@sequence
class EncapsulatedContent:
    """What is signed, with its type."""

    content_type: x509.ObjectIdentifier
    content: Annotated[bytes | None, Explicit(0)]


@sequence
class SignedData:
    """Content with signatures and the certificates for them."""

    version: int
    digest_algorithms: SetOf[AlgorithmIdentifier]
    content_info: EncapsulatedContent
    certificates: Annotated[list[x509.Certificate] | None, Implicit(0)]
    """A set on paper, which many write in any order: read as a list."""
    crls: Annotated[list[TLV] | None, Implicit(1)]
    signer_infos: SetOf[SignerInfo]


@sequence
class Token:
    """A time stamp."""

    content_type: x509.ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


@sequence
class Status:
    """Whether the authority did as it was asked."""

    status: int
    text: list[str] | None
    failure: BitString | None


@sequence
class TimeStampResp:
    """The answer."""

    status: Status
    token: Token | None
