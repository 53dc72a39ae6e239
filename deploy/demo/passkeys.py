"""A security key in software, and the browser in front of it: one passkey, shown to the pages of one origin."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect

PRESENT, RECOGNISED, MAY_BE_COPIED, IS_COPIED, WITH_KEY = 1, 4, 8, 16, 64
"""Flags of authenticator data (WebAuthn, 6.1): user present, user verified, backup eligible, backed up, attested."""
MAKE, SHOW = "webauthn.create", "webauthn.get"


def text_of(value: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """What `text_of` wrote."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SecurityKey:
    """Whoever holds it is its owner; it counts how often it was used."""

    origin: str
    """Of the pages that ask, as the browser writes it."""
    flags: int = PRESENT | RECOGNISED
    count: int = 0
    step: int = 1
    """How much it counts at each use; 0 where it does not count."""
    framed: bool = False
    """Whether that page lies in a page of another origin."""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    domain: str = ""
    owner: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `PublicKeyCredentialCreationOptionsJSON`: `RegistrationResponseJSON`, without attestation."""
        self.domain, self.owner = options["rp"]["id"], options["user"]["id"]
        made = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(self._public_key())
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._said(WITH_KEY) + made}
        answer = {"attestationObject": text_of(cbor2.dumps(attestation)), "transports": ["usb"]}
        return self._answer(self._client_data(MAKE, options), answer)

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `PublicKeyCredentialRequestOptionsJSON`: `AuthenticationResponseJSON`."""
        self.count += self.step
        client_data, said = self._client_data(SHOW, options), self._said()
        signature = self.key.sign(said + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        answer = {"authenticatorData": text_of(said), "signature": text_of(signature), "userHandle": self.owner or None}
        return self._answer(client_data, answer)

    def _said(self, more: int = 0) -> bytes:
        place = hashlib.sha256(self.domain.encode()).digest()
        return place + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.framed}
        return json.dumps(said).encode()

    def _answer(self, client_data: bytes, answer: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": text_of(self.id), "rawId": text_of(self.id), "type": "public-key",
            "authenticatorAttachment": "cross-platform", "clientExtensionResults": {},
            "response": {"clientDataJSON": text_of(client_data), **answer},
        }  # fmt: skip

    def _public_key(self) -> dict[int, Any]:
        """In the form of COSE (RFC 9053, 7.1): EC2, ES256, P-256, the point."""
        point = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}


def shown(resident: Person, progress: Progress) -> None:
    """A resident makes a passkey and signs in with it instead of their phone; nobody else gets in by it."""
    key = SecurityKey(resident.world.platform)
    with progress.step("passkey made, shown", "signs in without a phone; refused twice, and to pages of others"):
        options = resident.do("POST", "/me/passkey-registrations")["options"]
        resident.do("POST", "/me/passkeys", {"name": "key", "credential": key.make(options)})
        anybody = Person(resident.world, "anybody")
        for_us = {"credential": key.show(_asked(anybody))}
        signed_in = anybody.do("POST", "/passkey-sign-ins", for_us)
        _nobody(anybody, for_us)
        _nobody(anybody, {"credential": replace(key, origin="https://evil.example.com").show(_asked(anybody))})
        mine = resident.do("GET", "/me")["id"]
        expect(signed_in["person"] == mine, "the passkey led to somebody else")
        resident.token = signed_in["access_token"]
        expect(resident.do("GET", "/me")["id"] == mine, "the passkey's token is somebody else's")


def _asked(anybody: Person) -> dict[str, Any]:
    return dict(anybody.do("POST", "/passkey-challenges")["options"])


def _nobody(anybody: Person, body: dict[str, Any]) -> None:
    code = anybody.refused(403, "POST", "/passkey-sign-ins", body)
    expect(code == "passkey_not_accepted", f"refused as {code}")
