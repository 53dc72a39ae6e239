"""Where keys come from: the settings hold them themselves, or wrapped by a key service that opens them at the start.

Opened keys are in memory alone. The service speaks the transit interface of Vault and OpenBao: `POST
<url>/v1/transit/decrypt/<key>` with `X-Vault-Token` and `{"ciphertext"}`; 200 with `{"data": {"plaintext"}}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import orjson

from app.core.http import Client, OutboundError, Policy

ENVIRONMENT = "environment"
TRANSIT = "transit"
TOTAL_SECONDS = 10.0
"""For one key; a process that cannot have its keys does not start, and who started it tries again."""
_NAME = re.compile(r"\A[A-Za-z0-9_-]+\Z")
_PREFIX = re.compile(r"\A([0-9]+:(?:[a-z0-9]+:(?=vault:))?)(.*)\Z")
"""The number of a key in a ring, perhaps with its algorithm, and how the key itself is kept."""
_OK = 200


class KeysUnavailable(Exception):
    """There are no keys to be had; the text says why and shows nothing of them."""


class KeyProvider(Protocol):
    """Opens keys as they stand in the settings."""

    def opened(self, kept: str) -> str:
        """The key (base64) that is kept as `kept`; raises KeysUnavailable."""
        ...


class GivenKeys:
    """The settings hold the keys themselves."""

    def opened(self, kept: str) -> str:
        """As it is."""
        return kept


@dataclass(frozen=True)
class TransitKeys:
    """A key service that wraps keys with one of its own, which never leaves it."""

    policy: Policy
    url: str
    name: str
    token: str = field(repr=False)

    def opened(self, kept: str) -> str:
        """Have the service open it; only a well-formed answer of status 200 is believed. Raises KeysUnavailable."""
        headers = {"x-vault-token": self.token, "content-type": "application/json"}
        url = f"{self.url}/v1/transit/decrypt/{self.name}"
        try:
            with Client(self.policy) as client:
                reply = client.send("POST", url, headers=headers, body=orjson.dumps({"ciphertext": kept}))
        except OutboundError as error:
            raise KeysUnavailable(f"the key service does not answer: {error.code}") from error
        if reply.status != _OK:
            raise KeysUnavailable(f"the key service answers with status {reply.status}")
        return _plaintext(reply.body)


def provider_of(environ: Mapping[str, str], *, production: bool) -> KeyProvider:
    """What the settings choose; raises KeysUnavailable where they choose nothing that there is."""
    chosen = environ.get("CLOUD_KEY_PROVIDER", ENVIRONMENT)
    if chosen == ENVIRONMENT:
        return GivenKeys()
    url, name = environ.get("CLOUD_KMS_URL", "").rstrip("/"), environ.get("CLOUD_KMS_KEY", "")
    token = environ.get("CLOUD_KMS_TOKEN", "")
    if chosen != TRANSIT or not (url and token and _NAME.match(name)):
        raise KeysUnavailable(f"CLOUD_KEY_PROVIDER is {ENVIRONMENT}, or {TRANSIT} with CLOUD_KMS_URL, _KEY and _TOKEN")
    policy = Policy.inside() if production else Policy.loopback()
    return TransitKeys(replace(policy, total_timeout=TOTAL_SECONDS), url, name, token)


def opened_ring(provider: KeyProvider, ring: str) -> str:
    """A ring written as `1:<key>,2:<key>` with every key opened; raises KeysUnavailable."""
    return ",".join(_opened(provider, part) for part in ring.split(","))


def _opened(provider: KeyProvider, part: str) -> str:
    found = _PREFIX.match(part)
    return found[1] + provider.opened(found[2]) if found else part


def _plaintext(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["data"]["plaintext"])
    except (ValueError, TypeError, KeyError) as error:
        raise KeysUnavailable("the key service's answer is none") from error
