"""The registry of identities: says whether a name and the number of a resident identity card belong together.

The wire: `POST <url>/verifications` with a bearer key and `{"name", "number"}`; 200 with `{"result"}`. In the same way
`POST <url>/relations` with `{"parent": {...}, "child": {...}}`. A question changes nothing there, so it may be
repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import orjson
import structlog

from app.core.errors import TryLater
from app.core.http import AnswerBroken, Client, OutboundError, Policy, Reply
from app.core.outside import BUSY, Gate

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
"""A person waits for the answer."""
METHOD = "registry"
"""How a resident was verified, as their row says."""
PAPER = "paper"
"""The same of a child whose paper the platform's desk saw."""
_OK = 200
GATE = Gate(4, patience=2.0)
"""People wait for the registry in threads that others need too."""
log = structlog.get_logger()


class Verdict(StrEnum):
    """What the registry says."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"


class RegistryUnavailable(Exception):
    """The registry gave no answer that can be believed."""


class AskRegistry(Protocol):
    """Asks whether a name and a number belong together."""

    def __call__(self, name: str, number: str) -> Verdict:
        """The registry's verdict; raises RegistryUnavailable. Never called inside a unit."""
        ...


class Named(Protocol):
    """Somebody by name and number."""

    @property
    def name(self) -> str:
        """As the document has it."""
        ...

    @property
    def number(self) -> str:
        """Of the resident identity card, in its one form."""
        ...


class AskRelation(Protocol):
    """Asks whether somebody is a parent of a child."""

    def related(self, parent: Named, child: Named) -> Verdict:
        """`match` where both are who they say and the one is a parent of the other; as `AskRegistry` otherwise."""
        ...


@dataclass(frozen=True)
class Registry:
    """Fills `AskRegistry` and `AskRelation`."""

    client: Client
    url: str
    key: str = field(repr=False)

    def __call__(self, name: str, number: str) -> Verdict:
        """Ask; only a well-formed answer of status 200 is believed. Raises RegistryUnavailable."""
        return self._asked("/verifications", {"name": name, "number": number})

    def related(self, parent: Named, child: Named) -> Verdict:
        """Ask whether `parent` is a parent of `child`; as above."""
        both = {"parent": parent, "child": child}
        question = {role: {"name": one.name, "number": one.number} for role, one in both.items()}
        return self._asked("/relations", question)

    def _asked(self, path: str, question: Mapping[str, Any]) -> Verdict:
        try:
            with GATE.passed():
                reply = self._post(path, orjson.dumps(question))
        except TryLater as busy:
            log.warning("registry_unavailable", reason=BUSY)
            raise RegistryUnavailable(BUSY) from busy
        except OutboundError as error:
            log.warning("registry_unavailable", reason=error.code)
            raise RegistryUnavailable(error.code) from error
        if reply.status != _OK:
            log.warning("registry_unavailable", status=reply.status)
            raise RegistryUnavailable(f"status {reply.status}")
        return _read(reply.body)

    def _post(self, path: str, question: bytes) -> Reply:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        url = f"{self.url}{path}"
        try:
            return self.client.send("POST", url, headers=headers, body=question)
        except AnswerBroken:  # perhaps a kept connection that was just closed
            return self.client.send("POST", url, headers=headers, body=question)


def _read(body: bytes) -> Verdict:
    try:
        return Verdict(orjson.loads(body)["result"])
    except (ValueError, TypeError, KeyError) as error:
        log.warning("registry_unavailable", reason="nonsense")
        raise RegistryUnavailable("an answer that is none") from error


def over(policy: Policy, url: str, key: str) -> Registry:
    """The registry at `url`, reached as `policy` allows, with the patience of somebody who waits."""
    hurried = replace(policy, connect_timeout=CONNECT_SECONDS, total_timeout=TOTAL_SECONDS)
    return Registry(Client(hurried), url, key)
