"""A face check: whether a living person before a camera is the clinician whose name and number are given.

The wire: `POST <url>/checks` with a bearer key and `{"capture", "name", "number"}`, where `capture` is the reference
that the checker's own program on the clinician's device got; 200 with `{"result"}`. A question changes nothing there.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import orjson
import structlog

from app.core.errors import TryLater
from app.core.http import Client, OutboundError, Policy
from app.core.outside import Gate

TOTAL_SECONDS = 5.0
GATE = Gate(4, patience=2.0)
"""People wait for it in threads that others need too."""
_OK = 200
log = structlog.get_logger()


class Verdict(StrEnum):
    """What the checker says."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_LIVE = "not_live"


class FaceCheckUnavailable(Exception):
    """The checker gave no answer that can be believed."""


class CheckFace(Protocol):
    """Asks whether it is that person."""

    def __call__(self, capture: str, name: str, number: str) -> Verdict:
        """The verdict; raises FaceCheckUnavailable. Never called inside a unit."""
        ...


@dataclass(frozen=True)
class FaceChecker:
    """Fills `CheckFace`."""

    client: Client
    url: str
    key: str = field(repr=False)

    def __call__(self, capture: str, name: str, number: str) -> Verdict:
        """Ask; only a well-formed answer of status 200 is believed. Raises FaceCheckUnavailable."""
        question = orjson.dumps({"capture": capture, "name": name, "number": number})
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        try:
            with GATE.passed():
                reply = self.client.send("POST", f"{self.url}/checks", headers=headers, body=question)
            if reply.status == _OK:
                return Verdict(orjson.loads(reply.body)["result"])
            reason = f"status {reply.status}"
        except (TryLater, OutboundError) as error:
            reason = error.code
        except (ValueError, TypeError, KeyError):
            reason = "nonsense"
        log.warning("face_check_unavailable", reason=reason)
        raise FaceCheckUnavailable(reason)


def over(policy: Policy, url: str, key: str) -> FaceChecker:
    """The checker at `url`, reached as `policy` allows, with the patience of somebody who waits."""
    return FaceChecker(Client(replace(policy, connect_timeout=2.0, total_timeout=TOTAL_SECONDS)), url, key)
