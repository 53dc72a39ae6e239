"""Every way in which an outside call can fail; nothing else leaves this package.

Each error has a stable `code` for storage and metrics and says whether the receiver may have seen the
request. Messages name the origin (scheme, host, port) alone: paths, query strings, headers and resolved
addresses can hold secrets or draw a map of the inner network.
"""

from typing import ClassVar, Literal

Reason = Literal["scheme", "port", "userinfo", "ip_literal", "blocked_address", "blocked_name", "malformed"]


class OutboundError(Exception):
    """Base of all. `maybe_sent` is False only when no byte of the request left this process."""

    code: ClassVar[str] = "outbound"

    def __init__(self, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class DestinationRefused(OutboundError):
    """The policy forbids this destination; `reason` says which rule."""

    code = "destination_refused"

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class RequestRefused(OutboundError):
    """The method or a header is one that this client never sends."""

    code = "request_refused"


class NameNotResolved(OutboundError):
    """The name has no address, or too many look-ups are already under way."""

    code = "name_not_resolved"


class ConnectFailed(OutboundError):
    """None of the checked addresses accepted a connection."""

    code = "connect_failed"


class TlsFailed(ConnectFailed):
    """The receiver answered but its certificate or its TLS is not acceptable."""

    code = "tls_failed"


class TimedOut(OutboundError):
    """The time ran out before the answer's head was read: look-up, connect, sending or waiting."""

    code = "timed_out"


class AnswerFailed(OutboundError):
    """Base of failures after the request was sent; `status` is the answer's, or None if it never came."""

    code = "answer_failed"

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(message, maybe_sent=True)
        self.status = status


class AnswerBroken(AnswerFailed):
    """The connection broke, or the answer is not HTTP/1."""

    code = "answer_broken"


class AnswerTooLarge(AnswerFailed):
    """The head, or the framing around the body, is larger than any honest one."""

    code = "answer_too_large"


class AnswerTooSlow(AnswerFailed):
    """The head came in time, the end of the body did not."""

    code = "answer_too_slow"
