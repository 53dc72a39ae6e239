"""What can go wrong with a gateway, by what the caller may conclude from it."""

from __future__ import annotations


class GatewayError(Exception):
    """Base of all errors here. Texts hold codes and states only: no key, no secret, no request."""


class Refused(GatewayError):
    """The gateway answered, and the wish had no effect.

    ``status`` is the HTTP status; ``code``, ``param`` and ``detail`` are the gateway's words where it
    gave any (``detail`` is meant for staff, never for residents).
    """

    def __init__(
        self, status: int, *, code: str | None = None, param: str | None = None, detail: str | None = None
    ) -> None:
        super().__init__(f"the gateway refused: {status} {code or 'no code'}")
        self.status, self.code, self.param, self.detail = status, code, param, detail


class CardDeclined(Refused):
    """The payer's bank or wallet said no; ``decline_code`` may tell why."""

    def __init__(self, status: int, *, code: str | None, decline_code: str | None, detail: str | None) -> None:
        super().__init__(status, code=code, detail=detail)
        self.decline_code = decline_code


class InvalidRequest(Refused):
    """A parameter, an id or the object's state does not allow the wish."""


class AuthenticationFailed(Refused):
    """The API key opens nothing, or not this."""


class IdempotencyConflict(Refused):
    """The idempotency key came before with other parameters."""


class RateLimited(Refused):
    """Too many requests, also after waiting; ``retry_after`` is the gateway's wish in seconds."""

    def __init__(self, status: int, *, code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(status, code=code)
        self.retry_after = retry_after


class GatewayUnavailable(GatewayError):
    """Nothing took effect: the request was never sent, or it was a read and no usable answer came."""


class OutcomeUnknown(GatewayError):
    """The effect may or may not have happened.

    Never make a new effect instead: repeat the call with the same key (gateways forget keys after 24
    hours), or look the object up.
    """


class WebhookSignatureInvalid(GatewayError):
    """The webhook is not proven to come from the gateway, now."""


class WebhookPayloadInvalid(GatewayError):
    """The webhook is the gateway's, but it is no event that this client understands."""
