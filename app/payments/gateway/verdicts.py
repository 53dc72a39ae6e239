"""What an answer, or the lack of one, means for the caller: a pure decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.payments.gateway.errors import (
    AuthenticationFailed,
    CardDeclined,
    GatewayError,
    GatewayUnavailable,
    IdempotencyConflict,
    InvalidRequest,
    RateLimited,
)
from app.payments.gateway.transport import Answer, Silence

_DETAIL_LENGTH = 200
_REFUSALS = 4  # the class of 4xx


@dataclass(frozen=True, slots=True)
class Done:
    """It worked; this is the object."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Final:
    """It did not, and a repeat would not either. ``proves`` says that no earlier try had an effect."""

    error: GatewayError
    proves: bool = True


@dataclass(frozen=True, slots=True)
class Again:
    """Worth a repeat. ``doubt``: this try may have had an effect. ``wait`` is the least in seconds."""

    error: GatewayError
    doubt: bool
    wait: float = 0.0
    useless: bool = False


Verdict = Done | Final | Again


def judge(outcome: Answer | Silence) -> Verdict:
    """The verdict on one exchange."""
    if isinstance(outcome, Silence):
        return Again(GatewayUnavailable(outcome.value), doubt=outcome is Silence.MAYBE_SENT)
    if outcome.status in (HTTPStatus.OK, HTTPStatus.CREATED) and outcome.body is not None:
        return Done(outcome.body)
    if outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(outcome)
    if outcome.status // 100 != _REFUSALS or outcome.status == HTTPStatus.CONFLICT:
        error = GatewayUnavailable(f"the gateway answered {outcome.status}")
        return Again(error, doubt=True, wait=outcome.retry_after or 0.0, useless=outcome.repeat_is_useless)
    return _refusal(outcome.status, _error_of(outcome))


def _too_many(answer: Answer) -> Again:
    code = _text(_error_of(answer), "code")
    error = RateLimited(answer.status, code=code, retry_after=answer.retry_after)
    return Again(error, doubt=False, wait=answer.retry_after or 0.0, useless=answer.repeat_is_useless)


def _refusal(status: int, error: Mapping[str, Any]) -> Final:
    code, param, detail = _text(error, "code"), _text(error, "param"), _text(error, "message")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        # No detail: the gateway's text may quote part of the key. The key may have ended since the last try.
        return Final(AuthenticationFailed(status, code=code), proves=False)
    if error.get("type") == "idempotency_error":
        return Final(IdempotencyConflict(status, code=code, detail=detail))
    if error.get("type") == "card_error":
        decline_code = _text(error, "decline_code")
        return Final(CardDeclined(status, code=code, decline_code=decline_code, detail=detail))
    return Final(InvalidRequest(status, code=code, param=param, detail=detail))


def _error_of(answer: Answer) -> Mapping[str, Any]:
    found = (answer.body or {}).get("error")
    return found if isinstance(found, dict) else {}


def _text(source: Mapping[str, Any], name: str) -> str | None:
    value = source.get(name)
    return value[:_DETAIL_LENGTH] if isinstance(value, str) else None
