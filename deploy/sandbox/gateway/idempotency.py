"""One effect per ``Idempotency-Key``: the first answer is kept and given again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from deploy.sandbox.gateway.errors import InvalidParameter, KeyInUse, KeyReused, Refusal
from deploy.sandbox.gateway.state import Account, Json, State, StoredCall

KEPT_SECONDS = 24 * 3600
MAX_KEY = 255


@dataclass(frozen=True)
class Reply:
    """An answer's status and JSON, and whether it is one given before."""

    status: int
    body: Json
    replayed: bool = False


class Calls:
    """Runs effects under their keys. Keys belong to one account and are kept for 24 hours."""

    def __init__(self, state: State) -> None:
        self._state = state

    def run(
        self,
        account: Account,
        key: str | None,
        path: str,
        params: Json,
        work: Callable[[], Json],
        wait: Callable[[], None],
    ) -> Reply:
        """Do ``work`` under the lock, then ``wait`` with the key still in use, or repeat the kept answer.

        Raises ``KeyInUse``, ``KeyReused`` or ``InvalidParameter`` for the key; a refusal by ``work`` is a
        reply.
        """
        stored = StoredCall(path, params, time.time())
        if key is not None and (earlier := self._begin(account, key, stored)) is not None:
            return earlier
        kept = False
        try:
            reply, kept = self._work(work)
            wait()
            stored.status, stored.body = reply.status, reply.body
            return reply
        finally:
            if key is not None and not kept:
                self._forget(account, key)

    def _begin(self, account: Account, key: str, new: StoredCall) -> Reply | None:
        if not 0 < len(key) <= MAX_KEY:
            raise InvalidParameter(f"An idempotency key has 1 to {MAX_KEY} characters")
        with self._state.lock:
            _prune(account)
            earlier = account.calls.setdefault(key, new)
        if earlier is new:
            return None
        if (earlier.path, earlier.params) != (new.path, new.params):
            raise KeyReused("This idempotency key came before with another path or other parameters")
        if earlier.status is None:
            raise KeyInUse("A request with this idempotency key is running", code="idempotency_key_in_use")
        return Reply(earlier.status, earlier.body, replayed=True)

    def _work(self, work: Callable[[], Json]) -> tuple[Reply, bool]:
        with self._state.lock:
            try:
                return Reply(200, dict(work())), True
            except Refusal as refusal:
                return Reply(refusal.status, refusal.body()), refusal.kept

    def _forget(self, account: Account, key: str) -> None:
        with self._state.lock:
            account.calls.pop(key, None)


def _prune(account: Account) -> None:
    while account.calls and next(iter(account.calls.values())).at < time.time() - KEPT_SECONDS:
        account.calls.popitem(last=False)
