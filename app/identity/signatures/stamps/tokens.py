"""Asking for a time stamp, and believing one (RFC 3161). Pure."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.asn1 import TLV, SetOf, decode_der, encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.identity.signatures.stamps import wire
from app.identity.signatures.x509 import Trust

_SET_OF, _IMPLICIT_0 = b"\x31", b"\xa0"
_SHORT = 0x80
"""The first octet of a length up to 127 octets is that length (X.690, 8.1.3.4)."""


class BadToken(Exception):
    """No time stamp of what was asked for by anybody who is trusted."""


@dataclass(frozen=True)
class Stamped:
    """When, as a trusted authority says, something was there."""

    at: datetime
    token: bytes
    """DER."""


def question(digest: bytes, nonce: int) -> bytes:
    """The request (DER) for a stamp of a SHA-256 digest, with the authority's certificate in it."""
    asked = wire.TimeStampReq(
        version=1, message_imprint=imprint(digest), req_policy=None, nonce=nonce, cert_req=True
    )  # fmt: skip
    return encode_der(asked)


def imprint(digest: bytes) -> wire.MessageImprint:
    """A SHA-256 digest as it stands in questions and stamps."""
    return wire.MessageImprint(hash_algorithm=algorithm(wire.SHA256), hashed_message=digest)


def algorithm(known: x509.ObjectIdentifier) -> wire.AlgorithmIdentifier:
    """An algorithm without parameters."""
    return wire.AlgorithmIdentifier(algorithm=known, parameters=None)


def answered(reply: bytes, digest: bytes, nonce: int, trust: Trust) -> Stamped:
    """The stamp in an answer (DER) to `question`; raises BadToken."""
    try:
        read = decode_der(wire.TimeStampResp, reply)
    except ValueError as error:
        raise BadToken("an answer that is none") from error
    if read.status.status not in wire.GRANTED or read.token is None:
        raise BadToken("refused")
    token = encode_der(read.token)
    info = _believed(read.token, digest, trust)
    if info.nonce != nonce:
        raise BadToken("the answer to another question")
    return Stamped(_time(info), token)


def believed(token: bytes, digest: bytes, trust: Trust) -> Stamped:
    """The stamp (DER) of a SHA-256 digest as it was kept; raises BadToken."""
    try:
        return Stamped(_time(_believed(decode_der(wire.Token, token), digest, trust)), token)
    except ValueError as error:
        raise BadToken("malformed") from error


def _time(info: wire.TSTInfo) -> datetime:
    return info.gen_time.as_datetime().replace(tzinfo=UTC)


def _believed(token: wire.Token, digest: bytes, trust: Trust) -> wire.TSTInfo:
    signed = token.content
    content, signers = signed.content_info.content, signed.signer_infos.as_list()
    if (token.content_type, signed.content_info.content_type) != (wire.SIGNED_DATA, wire.TST_INFO):
        raise BadToken("signed, and no time stamp")
    if content is None or len(signers) != 1 or signed.certificates is None:
        raise BadToken("not signed by one authority")
    try:
        info = decode_der(wire.TSTInfo, content)
        authority = _signer(signers[0], content, signed.certificates)
    except (ValueError, TypeError, LookupError, InvalidSignature) as error:
        raise BadToken("the signature does not hold") from error
    if not trust.reaches(_chain(authority, signed.certificates, trust), _time(info), is_for_stamps):
        raise BadToken("by nobody who is trusted")
    found = info.message_imprint
    if found.hash_algorithm.algorithm != wire.SHA256 or not hmac.compare_digest(found.hashed_message, digest):
        raise BadToken("a stamp of something else")
    return info


def _signer(signer: wire.SignerInfo, content: bytes, certificates: Iterable[x509.Certificate]) -> x509.Certificate:
    """Whose signature it is; raises ValueError, LookupError, TypeError, InvalidSignature."""
    if signer.signed_attrs is None or signer.digest_algorithm.algorithm != wire.SHA256:
        raise ValueError("a digest that is not used here")
    said = {one.type: _only(one) for one in signer.signed_attrs.as_list()}
    if said[wire.CONTENT_TYPE].parse(x509.ObjectIdentifier) != wire.TST_INFO:
        raise ValueError("a signature of another kind")
    if said[wire.MESSAGE_DIGEST].parse(bytes) != hashlib.sha256(content).digest():
        raise ValueError("a signature of something else")
    named = said[wire.SIGNING_CERTIFICATE_V2].parse(wire.SigningCertificate).certs[0]
    if named.hash_algorithm is not None and named.hash_algorithm.algorithm != wire.SHA256:
        raise ValueError("a certificate named by another digest")
    authority = next((one for one in certificates if one.fingerprint(hashes.SHA256()) == named.cert_hash), None)
    if authority is None:
        raise ValueError("a certificate that is not there")
    _verify(authority, signer, signed_attributes(signer.signed_attrs.as_list()))
    return authority


def signed_attributes(attributes: list[wire.Attribute]) -> bytes:
    """The bytes that are signed: the attributes as a SET OF (RFC 5652, 5.4)."""
    outer = encode_der(wire.Attributes(attributes=SetOf(attributes)))
    first = outer[1]
    return outer[2 if first < _SHORT else 2 + first - _SHORT :]


def _only(attribute: wire.Attribute) -> TLV:
    (value,) = attribute.values.as_list()
    return value


def _verify(authority: x509.Certificate, signer: wire.SignerInfo, content: bytes) -> None:
    key, how = authority.public_key(), signer.signature_algorithm.algorithm
    if isinstance(key, ec.EllipticCurvePublicKey) and how == wire.ECDSA_SHA256:
        key.verify(signer.signature, content, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPublicKey) and how in (wire.RSA_SHA256, wire.RSA):
        key.verify(signer.signature, content, padding.PKCS1v15(), hashes.SHA256())
    else:
        raise ValueError("an algorithm that is not used here")


def _chain(
    authority: x509.Certificate, certificates: Iterable[x509.Certificate], trust: Trust
) -> list[x509.Certificate]:
    """The way from the authority up, by names: whether it is right is for `Trust` to say."""
    known, chain = [*certificates, *trust.roots], [authority]
    while chain[-1].issuer != chain[-1].subject and len(chain) <= len(known):
        above = next((one for one in known if one.subject == chain[-1].issuer), None)
        if above is None:
            break
        chain.append(above)
    return chain


def is_for_stamps(certificate: x509.Certificate) -> bool:
    """Whether a certificate is one of a time-stamp authority (RFC 3161, 2.3)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
