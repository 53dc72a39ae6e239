"""Errors that a caller can act on, and refusals that must be remembered.

A `Problem` leaves nothing behind: its unit is rolled back. A `Refused` is an ordinary outcome of a unit: what the
refusal must leave (a counter, an entry) is committed, and the edge renders the problem that it carries.
Each problem has a stable `code`; the texts may change, the codes may not (RFC 9457, `type` and extension members).
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a payload: where (a JSON Pointer, RFC 6901), which rule, and what to do."""

    pointer: str
    rule: str
    detail: str


class Problem(Exception):
    """Base of every error that is answered to a caller as problem+json."""

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        faults: tuple[Fault, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        """`detail` is a sentence without anybody's data; `retry_after` is in seconds."""
        super().__init__(detail or self.title)
        self.detail = detail
        self.code = code or type(self).code
        self.faults = faults
        self.retry_after = retry_after


class Malformed(Problem):
    """400: the request cannot be read at all (broken JSON, a missing or broken header)."""

    status = 400
    code = "malformed_request"
    title = "The request cannot be read"


class Unauthenticated(Problem):
    """401: no credential, or one that is unknown, ended or revoked."""

    status = 401
    code = "unauthenticated"
    title = "Authentication required"


class Forbidden(Problem):
    """403: the caller belongs here, but may not do this."""

    status = 403
    code = "forbidden"
    title = "Not permitted"


class SecondFactorRequired(Forbidden):
    """403: the caller may do this, once the sign-in behind the token has proved a second factor (step-up)."""

    code = "second_factor_required"
    title = "A second factor is required"


class NotFound(Problem):
    """404: nothing by this name is there for this caller; whether it exists elsewhere is not said."""

    status = 404
    code = "not_found"
    title = "Not found"


class WrongState(Problem):
    """409: the thing is not in a state in which this can be done."""

    status = 409
    code = "wrong_state"
    title = "Conflict with the present state"


class PreconditionFailed(Problem):
    """412: the thing is no longer in the version that the caller has seen (RFC 9110, If-Match)."""

    status = 412
    code = "stale_version"
    title = "Changed in the meantime"


class PreconditionRequired(Problem):
    """428: the caller must say which version it has seen (RFC 6585, section 3)."""

    status = 428
    code = "if_match_required"
    title = "Say which version you change"


class Misdirected(Problem):
    """421: the request names a host that is not this platform (RFC 9110, 15.5.20)."""

    status = 421
    code = "misdirected_request"
    title = "Not this host"


class InvalidInput(Problem):
    """422: the payload was read and breaks a rule."""

    status = 422
    code = "invalid_input"
    title = "The request breaks a rule"


class TooManyRequests(Problem):
    """429: asked too often; nothing was done, and after `retry_after` seconds one more may pass (RFC 6585, 4)."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class TryLater(Problem):
    """503: nothing was done; the same request may succeed after `retry_after` seconds."""

    status = 503
    code = "try_later"
    title = "Temporarily unavailable"


@dataclass(frozen=True)
class Refused:
    """The outcome of a unit that said no and must remember it; rendered like the problem that it carries."""

    problem: Problem = field()
