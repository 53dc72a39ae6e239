"""Asking a receiver to prove that it wants to hear: it gets a signed nonce and says it back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import orjson

from app.core.errors import WrongState
from app.core.http import Client, OutboundError, Policy
from app.core.ids import PublicId, new_id
from app.core.outside import Gate
from app.core.scope import Scope
from app.core.send.message import EVENT, SCHEMA_VERSION, headers
from app.core.unit import database

CHALLENGE = "endpoint.verification"
PROOF_SECONDS = 10.0
"""How long a receiver may take for its proof; somebody waits for it."""
_GATE = Gate(2)
_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Outside:
    """How this process reaches receivers, which the policy bounds."""

    policy: Policy

    @cached_property
    def asking(self) -> Client:
        """The client that asks for proofs."""
        return Client(self.patience)

    @property
    def patience(self) -> Policy:
        """The policy, with at most `PROOF_SECONDS`."""
        return replace(self.policy, total_timeout=min(self.policy.total_timeout, PROOF_SECONDS))


def prove(scope: Scope, url: str, signing: Sequence[str], outside: Outside) -> None:
    """Have `url` prove itself for an endpoint of `scope` whose secrets are `signing`.

    Raises WrongState `endpoint_unproven`, and TryLater while too many, or another of this tenant, are asked.
    """
    with _GATE.passed(scope):
        _ask(scope, url, signing, outside)


def _ask(scope: Scope, url: str, signing: Sequence[str], outside: Outside) -> None:
    # an id of its own each time: a receiver that takes every message once must see each challenge
    nonce, message_id = secrets.token_urlsafe(24), str(PublicId(EVENT, scope, new_id()))
    body = orjson.dumps({"type": CHALLENGE, "schema_version": SCHEMA_VERSION, "data": {"nonce": nonce}})
    signed = headers(message_id, body, database().clock.now(), signing)
    try:
        with outside.asking as client:  # keeps no connection: receivers are asked once in a long while
            reply = client.send("POST", url, headers=signed, body=body)
    except OutboundError as error:
        raise _unproven(error.code) from error
    if reply.status not in _SUCCESS:
        raise _unproven(f"status {reply.status}")
    if _echoed(reply.body) != nonce:
        raise _unproven("another nonce, or none")


def _echoed(body: bytes) -> object:
    try:
        return orjson.loads(body).get("nonce")
    except (ValueError, AttributeError):
        return None


def _unproven(why: str) -> WrongState:
    return WrongState(f"the endpoint did not answer with the nonce: {why}", code="endpoint_unproven")
