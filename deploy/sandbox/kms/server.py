"""The key service's HTTP side: encrypt, decrypt, and new data keys, under the one name that it knows."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Answer, Refusal, Request, Route, Server

NAME = "cloud-hospital"
"""Of the key that wraps."""
PREFIX = "vault:v1:"
_NONCE = 12


class Kms:
    """A key service that asks for a token."""

    def __init__(self, token: str, key: bytes) -> None:
        self._token = token
        self._key = AESGCM(key)
        self._dial = Dial("drop", "http_500", "lie")

    def listen(self, host: str, port: int) -> Server:
        """The service, bound."""
        transit = {
            ("POST", f"/v1/transit/encrypt/{NAME}"): self._guarded(self._encrypt),
            ("POST", f"/v1/transit/decrypt/{NAME}"): self._guarded(self._decrypt),
            ("POST", f"/v1/transit/datakey/wrapped/{NAME}"): self._guarded(self._data_key),
        }
        return Server(host, port, {**transit, ("POST", "/sandbox/faults"): self._faults})

    def wrapped(self, key: bytes) -> str:
        """`key` as settings keep it."""
        nonce = os.urandom(_NONCE)
        return PREFIX + base64.b64encode(nonce + self._key.encrypt(nonce, key, None)).decode()

    def _guarded(self, route: Route) -> Route:
        def answer(request: Request) -> Answer | None:
            given = request.headers.get("x-vault-token", "")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return Answer.of(403, {"errors": ["permission denied"]})
            self._dial.hold_back()
            if self._dial.take("http_500"):
                return Answer.of(500, {"errors": ["internal error"]})
            return None if self._dial.take("drop") else route(request)

        return answer

    def _encrypt(self, request: Request) -> Answer:
        return _said(ciphertext=self.wrapped(_bytes(request.json(), "plaintext")))

    def _data_key(self, request: Request) -> Answer:
        return _said(ciphertext=self.wrapped(os.urandom(int(request.json().get("bits", 256)) // 8)))

    def _decrypt(self, request: Request) -> Answer:
        given = request.json()
        if not isinstance(given, dict) or not str(given.get("ciphertext")).startswith(PREFIX):
            return Answer.of(400, {"errors": ["invalid ciphertext: no prefix"]})
        sealed = _bytes({"ciphertext": given["ciphertext"].removeprefix(PREFIX)}, "ciphertext")
        try:
            key = self._key.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError):
            return Answer.of(400, {"errors": ["invalid ciphertext: unable to decrypt"]})
        if self._dial.take("lie"):
            return _said(nothing="")
        return _said(plaintext=base64.b64encode(key).decode())

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})


def _said(**data: str) -> Answer:
    return Answer.of(200, {"data": data})


def _bytes(given: Any, name: str) -> bytes:
    """What stands in `given` as base64; raises Refusal."""
    try:
        return base64.b64decode(given[name], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise Refusal(f"send {name} as base64") from error
