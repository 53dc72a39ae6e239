"""One exchange with the gateway: what was answered, or whether the request may have arrived."""

from __future__ import annotations

import enum
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)

from app.payments.gateway.deadline import limited_session, time_limit

MAX_ANSWER_BYTES = 4 * 1024 * 1024
# The newest version of the wire format that this client was tried with.
API_VERSION = "2026-10-28.endive"

SessionFactory = Callable[[], requests.Session]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two bytes, and in all for one call with its repeats and waits."""

    connect: float = 3.0
    read: float = 10.0
    total: float = 25.0


USUAL_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class Request:
    """A call. ``key`` marks an effect; reads have none."""

    method: str
    path: str
    form: list[tuple[str, str]]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer; ``body`` is None where it is no JSON object. ``retry_after`` in seconds."""

    status: int
    body: Mapping[str, Any] | None
    retry_after: float | None = None
    repeat_is_useless: bool = False


class Silence(enum.Enum):
    """No answer, and what that says about the request."""

    NEVER_SENT = "the gateway could not be reached"
    MAYBE_SENT = "no answer came"


@dataclass(frozen=True, slots=True)
class _Bearer(requests.auth.AuthBase):
    """Puts the key on the request and nowhere else."""

    key: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class Transport:
    """Exchanges with one gateway under one key. Safe for threads and forks: each has its own session."""

    def __init__(self, base_url: str, api_key: str, session_factory: SessionFactory = limited_session) -> None:
        self.base_url = _checked_url(base_url)
        self._auth = _Bearer(_checked_api_key(api_key))
        self._session_factory = session_factory
        self._local = threading.local()

    def exchange(self, request: Request, timeouts: Timeouts) -> Answer | Silence:
        """Send once. Never raises for what the network or the gateway does."""
        try:
            with time_limit(timeouts.total):
                return self._send(request, timeouts)
        except (OSError, HTTPError) as error:  # what requests raises is an OSError
            return Silence.NEVER_SENT if _never_sent(error) else Silence.MAYBE_SENT

    def _send(self, request: Request, timeouts: Timeouts) -> Answer:
        reads = request.method == "GET"
        with self._session().request(
            request.method,
            self.base_url + request.path,
            params=request.form if reads else None,
            data=None if reads else request.form,
            headers=_headers(request),
            auth=self._auth,
            timeout=(min(timeouts.connect, timeouts.total), min(timeouts.read, timeouts.total)),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(
                response.status_code,
                _json_object(_limited_body(response)),
                _retry_after(response.headers.get("Retry-After", "")),
                response.headers.get("Stripe-Should-Retry") == "false",
            )

    def _session(self) -> requests.Session:
        """This thread's session; after a fork a new one, for the old sockets are the parent's."""
        mine: tuple[int, requests.Session] | None = getattr(self._local, "mine", None)
        if mine is None or mine[0] != os.getpid():
            mine = (os.getpid(), self._session_factory())
            self._local.mine = mine
        return mine[1]


def _headers(request: Request) -> dict[str, str]:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Stripe-Version": API_VERSION}
    return headers if request.key is None else {**headers, "Idempotency-Key": request.key}


def _limited_body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(64 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return b""
    return bytes(body)


def _json_object(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _retry_after(value: str) -> float | None:
    """Whole seconds only; a date or anything else counts as not given."""
    return float(value) if re.fullmatch(r"[0-9]{1,6}", value) else None


def _never_sent(error: Exception) -> bool:
    """Only what happens before the first byte of the request is certain not to have had an effect."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, SSLError):
        return bool(reason.args) and isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError)


def _checked_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("the gateway's address is http(s)://host[:port][/path]")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the gateway's address holds no user or password")
    return base_url.rstrip("/")


def _checked_api_key(api_key: str) -> str:
    if re.fullmatch(r"[!-~]{1,255}", api_key) is None:
        raise ValueError("an API key is printable ASCII without spaces")
    return api_key
