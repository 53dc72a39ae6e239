"""One request and its answer on an open connection."""

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from urllib3 import HTTPHeaderDict

from app.core.http.connections import Connection
from app.core.http.errors import AnswerBroken, AnswerTooLarge, AnswerTooSlow, RequestRefused, TimedOut
from app.core.http.metered import BytesSpent

MAX_ANSWER_HEAD = 32 * 1024
_MAX_HEADERS = 64
_MAX_HEADER_BYTES = 16 * 1024
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
# Where the request goes and how it is framed is the client's to say.
_OWN_HEADERS = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
    "expect", "accept-encoding",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status; `headers` ignores case, `body` is as received, cut if `truncated`."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    truncated: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was checked; raises RequestRefused for a method or header that is never sent."""

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise RequestRefused("this method is not allowed")
        size = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        if len(self.headers) > _MAX_HEADERS or size > _MAX_HEADER_BYTES:
            raise RequestRefused("too many or too large headers")
        if not all(_is_header(name, value) for name, value in self.headers.items()):
            raise RequestRefused("a header is malformed or not the caller's to set")


def _is_header(name: str, value: str) -> bool:
    if _HEADER_NAME.fullmatch(name) is None or _HEADER_VALUE.fullmatch(value) is None:
        return False
    return name.lower() not in _OWN_HEADERS and not name.lower().startswith("proxy-")


def exchange(connection: Connection, request: Request, origin: str, max_body: int) -> Reply:
    """Send `request` and read the answer within the connection's meter.

    The connection is closed unless its answer was read to the end and the receiver keeps it open.
    Raises TimedOut, AnswerTooSlow, AnswerTooLarge or AnswerBroken.
    """
    with _told(origin, None):
        body = request.body or None
        connection.request(request.method, request.target, body=body, headers=_with_agent(request.headers))
        answer = connection.answer()
    connection.meter.bytes_left += 2 * max_body  # the body and the framing of its chunks
    with answer, _told(origin, answer.status):
        return _read(connection, answer, max_body)


def _with_agent(headers: Mapping[str, str]) -> dict[str, str]:
    named = any(name.lower() == "user-agent" for name in headers)
    return dict(headers) if named else {"User-Agent": "cloud-hospital", **headers}


def _read(connection: Connection, answer: http.client.HTTPResponse, max_body: int) -> Reply:
    if answer.status < http.HTTPStatus.OK:
        raise http.client.UnknownProtocol("an interim answer that nobody asked for")
    body = answer.read(max_body + 1)
    truncated = len(body) > max_body
    if answer.length and not truncated:
        raise http.client.IncompleteRead(body, answer.length)
    if truncated:
        connection.close()
    return Reply(answer.status, _headers(answer), body[:max_body], truncated)


def _headers(answer: http.client.HTTPResponse) -> HTTPHeaderDict:
    # A folded header keeps its line breaks in http.client; a value must never be able to start a new line.
    return HTTPHeaderDict([(name, " ".join(value.split())) for name, value in answer.getheaders()])


@contextmanager
def _told(origin: str, status: int | None) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        if status is None:
            raise TimedOut(f"{origin} did not answer in time", maybe_sent=True) from error
        raise AnswerTooSlow(f"the answer of {origin} did not end in time", status) from error
    except BytesSpent as error:
        raise AnswerTooLarge(f"the answer of {origin} is too large", status) from error
    except (OSError, ValueError, http.client.HTTPException) as error:  # ValueError: a negative chunk size
        raise AnswerBroken(f"{origin} broke off or did not answer in HTTP/1", status) from error
