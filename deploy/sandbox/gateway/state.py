"""What the gateway knows: accounts, each with objects of its own, all under one lock."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from deploy.sandbox.gateway.errors import Missing

Json = dict[str, Any]


def new_id(prefix: str) -> str:
    """An unguessable id such as ``pi_1f0c...``."""
    return f"{prefix}_{secrets.token_hex(12)}"


def now() -> int:
    """Unix seconds, UTC."""
    return int(time.time())


@dataclass(frozen=True)
class Endpoint:
    """Where an account hears its events, and the secret that signs them."""

    id: str
    url: str
    secret: str = field(repr=False)


@dataclass
class StoredCall:
    """One use of an idempotency key; ``status`` is None while the first request still runs."""

    path: str
    params: Json
    at: float
    status: int | None = None
    body: Json = field(default_factory=dict)


@dataclass
class Account:
    """One merchant. Objects are kept in the order in which they were made."""

    id: str
    endpoints: list[Endpoint] = field(default_factory=list)
    intents: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    balance_transactions: dict[str, Json] = field(default_factory=dict)
    calls: OrderedDict[str, StoredCall] = field(default_factory=OrderedDict)

    def intent(self, intent_id: str) -> Json:
        """The payment intent, or a 404 refusal."""
        if intent_id not in self.intents:
            raise Missing("payment_intent", intent_id, "intent")
        return self.intents[intent_id]


class State:
    """All accounts by API key. Hold ``lock`` for every read and change of an account."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._accounts: dict[str, Account] = {}

    def open_account(self, api_key: str) -> Account:
        """The key's account, made if it is new."""
        with self.lock:
            return self._accounts.setdefault(api_key, Account(new_id("acct")))

    def account_of_key(self, api_key: str) -> Account | None:
        """The account that this API key opens."""
        with self.lock:
            return self._accounts.get(api_key)

    def account_of_intent(self, intent_id: str) -> Account | None:
        """The account that holds this intent; the payer knows no API key."""
        with self.lock:
            return next((a for a in self._accounts.values() if intent_id in a.intents), None)

    def remove_endpoint(self, endpoint_id: str) -> bool:
        """Tell this endpoint nothing new from now on; whether there was one."""
        with self.lock:
            for account in self._accounts.values():
                for endpoint in account.endpoints:
                    if endpoint.id == endpoint_id:
                        account.endpoints.remove(endpoint)
                        return True
        return False
