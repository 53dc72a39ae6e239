"""What browsers are asked, and what their answers prove: the one place that knows the WebAuthn library. Pure."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.core.relying_party import RelyingParty
from app.identity.passkeys.names import PLATFORM
from app.identity.passkeys.rules import CHALLENGE_LIFE, LONGEST_ID, LONGEST_KEY

Read = TypeVar("Read")
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
"""In the order of our preference; the last for authenticators of older desktops."""
FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)
"""We ask for no attestation; browsers leave one that an authenticator made with the new key itself (5.1.3, 24)."""
_TIMEOUT = int(CHALLENGE_LIFE.total_seconds() * 1000)


@dataclass(frozen=True)
class Attested:
    """The answer of a browser that made a passkey, not yet checked, and the challenge that it says it answers."""

    credential: RegistrationCredential = field(repr=False)
    challenge: bytes = field(repr=False)


@dataclass(frozen=True)
class Asserted:
    """The answer of a browser that showed a passkey, not yet checked, and the challenge that it says it answers."""

    credential: AuthenticationCredential = field(repr=False)
    challenge: bytes = field(repr=False)

    @property
    def credential_id(self) -> bytes:
        """Which passkey it says it is."""
        return self.credential.raw_id

    @property
    def user_handle(self) -> bytes | None:
        """Whose it says it is."""
        return self.credential.response.user_handle


@dataclass(frozen=True)
class Made:
    """A passkey that was made just now, under our domain, by somebody whom its authenticator recognised."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: uuid.UUID
    transports: list[str]
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True)
class Shown:
    """A passkey that was shown just now, under our domain, by somebody whom its authenticator recognised."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True)
class Known:
    """A passkey that a browser shall take, or shall not make again."""

    credential_id: bytes
    transports: Sequence[str]


def to_make(party: RelyingParty, whose: uuid.UUID, name: str, challenge: bytes, known: Sequence[Known]) -> Any:
    """What a browser is asked to make (PublicKeyCredentialCreationOptionsJSON): found without a user name, shown by
    somebody who is recognised.
    """
    options = generate_registration_options(
        rp_id=party.id, rp_name=PLATFORM, user_id=whose.bytes, user_name=name, challenge=challenge, timeout=_TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(known), supported_pub_key_algs=ALGORITHMS,
    )  # fmt: skip
    return options_to_json_dict(options)


def to_show(party: RelyingParty, challenge: bytes, known: Sequence[Known] = ()) -> Any:
    """What a browser is asked to show (PublicKeyCredentialRequestOptionsJSON): one of `known`, without them any."""
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=_TIMEOUT, allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return options_to_json_dict(options)


def read_attested(value: Mapping[str, Any]) -> Attested:
    """The answer in `value` (RegistrationResponseJSON); raises ValueError."""

    def read() -> Attested:
        credential = parse_registration_credential_json(dict(value))
        return Attested(credential, parse_client_data_json(credential.response.client_data_json).challenge)

    return _read(read)


def read_asserted(value: Mapping[str, Any]) -> Asserted:
    """The answer in `value` (AuthenticationResponseJSON); raises ValueError."""

    def read() -> Asserted:
        credential = parse_authentication_credential_json(dict(value))
        return Asserted(credential, parse_client_data_json(credential.response.client_data_json).challenge)

    return _read(read)


def made(attested: Attested, party: RelyingParty) -> Made:
    """The passkey that was made, its challenge taken at its word; raises ValueError for what WebAuthn, 7.1, refuses."""

    def read() -> Made:
        response = attested.credential.response
        _refuse(parse_attestation_object(response.attestation_object).fmt not in FORMATS)
        verified = verify_registration_response(
            credential=attested.credential, expected_challenge=attested.challenge, expected_rp_id=party.id,
            expected_origin=list(party.origins), require_user_verification=True, supported_pub_key_algs=ALGORITHMS,
        )  # fmt: skip
        id, key = verified.credential_id, verified.credential_public_key
        decoded_public_key_to_cryptography(decode_credential_public_key(key))  # a point off the curve fails here
        _refuse(_is_framed(response.client_data_json) or id != attested.credential.raw_id)
        _refuse(len(id) > LONGEST_ID or len(key) > LONGEST_KEY)
        return Made(
            id, key, verified.sign_count, uuid.UUID(verified.aaguid),
            sorted({one.value for one in response.transports or []}),
            verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE, verified.credential_backed_up,
        )  # fmt: skip

    return _read(read)


def shown(asserted: Asserted, party: RelyingParty, public_key: bytes) -> Shown:
    """What was shown, its challenge taken at its word; raises ValueError for what WebAuthn, 7.2, refuses.

    The counter is left to the asker: the library would look at it before the signature says that it is to be believed.
    """

    def read() -> Shown:
        verified = verify_authentication_response(
            credential=asserted.credential, expected_challenge=asserted.challenge, expected_rp_id=party.id,
            expected_origin=list(party.origins), credential_public_key=public_key, credential_current_sign_count=0,
            require_user_verification=True,
        )  # fmt: skip
        _refuse(_is_framed(asserted.credential.response.client_data_json))
        eligible = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
        return Shown(verified.new_sign_count, eligible, verified.credential_backed_up)

    return _read(read)


def text_of(value: bytes) -> str:
    """Bytes as WebAuthn writes them: base64url without padding."""
    return bytes_to_base64url(value)


def _is_framed(client_data: bytes) -> bool:
    """Whether the page that asked lay in a page of somebody else."""
    return bool(parse_client_data_json(client_data).cross_origin)


def _refuse(wrong: bool) -> None:
    if wrong:
        raise ValueError("not as we asked for it")


def _read(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except Exception as error:  # the library's parsers meet malformed answers with whatever they stumble over
        raise ValueError("not an answer of a browser, or not a right one") from error


def _descriptors(known: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(name) for name in one.transports]
        )
        for one in known
    ]
