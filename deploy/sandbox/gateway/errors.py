"""Refusals in the shape that Stripe gives them: a status and an ``error`` object."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is an error. ``kept`` says whether a repeat of the same key gets it again.

    Stripe keeps what an execution led to and forgets what failed before one began.
    """

    status = 400
    kind = "invalid_request_error"
    kept = False

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.message, self.code, self.param, self.more = message, code, param, more

    def body(self) -> dict[str, Any]:
        """The JSON answer; absent members are left out, as Stripe does."""
        error = {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            **self.more,
        }
        return {"error": {name: value for name, value in error.items() if value is not None}}


class InvalidParameter(Refusal):
    """A parameter is missing, unknown, malformed or out of bounds; nothing was begun."""


class Missing(Refusal):
    """No such object in this account."""

    status = 404

    def __init__(self, noun: str, object_id: str, param: str) -> None:
        super().__init__(f"No such {noun}: '{object_id[:64]}'", code="resource_missing", param=param)


class StateRefused(Refusal):
    """The object's present state does not allow the wish."""

    kept = True


class Declined(Refusal):
    """The payer's bank or wallet said no."""

    status = 402
    kind = "card_error"
    kept = True


class Unauthorized(Refusal):
    """No key, or one that opens no account."""

    status = 401


class KeyInUse(Refusal):
    """Another request with this idempotency key is still running."""

    status = 409
    kind = "idempotency_error"


class KeyReused(Refusal):
    """The idempotency key came before with another path or other parameters."""

    kind = "idempotency_error"


class TooMany(Refusal):
    """The dial says: too many requests."""

    status = 429
    kind = "rate_limit_error"


class Broken(Refusal):
    """The dial says: an internal error, before anything took effect."""

    status = 500
    kind = "api_error"
