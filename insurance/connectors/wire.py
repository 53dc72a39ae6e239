"""One signed question to a public scheme, and its signed answer.

`POST <url>/scheme` with `{"infno", "msgid", "input"}`; `X-Signature` is the hexadecimal HMAC-SHA256 over the time
stamp, a dot and the body, on the way there and back. An answer that is not signed so, or is older than five minutes,
is no answer: whether the question had its effect is then unknown.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from app.core.errors import TryLater
from app.core.http import AnswerBroken, Client, OutboundError, Reply
from app.core.ids import new_id
from app.core.outside import Gate
from app.core.unit import database

TOLERANCE = 300
"""Seconds between the clocks of both sides."""
_OK = 200
_TIME = re.compile(r"\A[0-9]{1,12}\Z")
_CODE = re.compile(r"\A[a-z][a-z0-9_]{0,63}\Z")
GATE = Gate(8, patience=2.0)
"""Residents wait for some of the answers, in threads that others need too."""
log = structlog.get_logger()


class SchemeUnavailable(Exception):
    """No answer that can be believed; the question may have had its effect."""


class SchemeRefused(Exception):
    """The scheme said no, for good: the question had no effect. `code` is its reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Reach:
    """How a provider reaches a scheme."""

    url: str
    institution: str
    key: str = field(repr=False)


def ask(
    client: Client, reach: Reach, number: str, question: Mapping[str, Any], *, repeat: bool = True
) -> Mapping[str, Any]:
    """What the scheme answers to question `number`; raises SchemeUnavailable, SchemeRefused. Never within a unit.

    With `repeat` it is asked twice where the connection breaks: perhaps a kept one was just closed.
    """
    body = orjson.dumps({"infno": number, "msgid": str(new_id()), "input": question})
    try:
        with GATE.passed():
            reply = _sent(client, reach, body, repeat=repeat)
    except (TryLater, OutboundError) as error:
        log.warning("scheme_unavailable", number=number, reason=error.code)
        raise SchemeUnavailable(error.code) from error
    if reply.status != _OK or reply.truncated or not _proven(reach, reply):
        log.warning("scheme_unavailable", number=number, status=reply.status)
        raise SchemeUnavailable(f"status {reply.status}")
    return _read(reply.body)


def sign(key: str, stamp: str, body: bytes) -> str:
    """The signature of `body` at the time `stamp`."""
    return hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _sent(client: Client, reach: Reach, body: bytes, *, repeat: bool) -> Reply:
    try:
        return _post(client, reach, body)
    except AnswerBroken:
        if not repeat:
            raise
        return _post(client, reach, body)


def _post(client: Client, reach: Reach, body: bytes) -> Reply:
    stamp = str(int(database().clock.now().timestamp()))
    headers = {
        "content-type": "application/json", "x-institution": reach.institution, "x-timestamp": stamp,
        "x-signature": sign(reach.key, stamp, body),
    }  # fmt: skip
    return client.send("POST", f"{reach.url}/scheme", headers=headers, body=body)


def _proven(reach: Reach, reply: Reply) -> bool:
    stamp, signature = reply.headers.get("x-timestamp", ""), reply.headers.get("x-signature", "")
    if not _TIME.match(stamp) or abs(database().clock.now().timestamp() - int(stamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(reach.key, stamp, reply.body).encode(), signature.encode())


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
        if said["infcode"] == 0:
            return dict(said["output"])
        code = str(said["err_code"])
    except (ValueError, TypeError, KeyError) as error:
        log.warning("scheme_unavailable", reason="nonsense")
        raise SchemeUnavailable("an answer that is none") from error
    raise SchemeRefused(code if _CODE.match(code) else "scheme_refused")
