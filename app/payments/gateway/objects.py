"""The gateway's objects as typed, frozen values. Unknown fields are ignored, unknown words are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the payer must do: follow ``redirect_url`` or scan ``qr_data``."""

    kind: str
    redirect_url: str | None
    qr_data: str | None


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A payment in the making or made. ``amount`` and ``amount_received`` in fen.

    ``status`` is the gateway's word: requires_payment_method, requires_confirmation, requires_action,
    processing, succeeded, canceled, or one that is newer than this client. ``error_code`` and
    ``decline_code`` tell of the last failed attempt.
    """

    id: str
    status: str
    amount: int
    amount_received: int
    currency: str
    created: datetime
    livemode: bool
    metadata: Mapping[str, str]
    payment_method_types: tuple[str, ...]
    next_action: NextAction | None
    latest_charge: str | None
    cancellation_reason: str | None
    error_code: str | None
    decline_code: str | None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. ``amount`` in fen; ``status``: pending, requires_action, succeeded,
    failed, canceled, or one that is newer than this client. It may fail after it succeeded."""

    id: str
    status: str
    amount: int
    currency: str
    payment_intent: str | None
    charge: str | None
    reason: str | None
    failure_reason: str | None
    created: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact that the gateway tells.

    ``subject`` is the payment intent or refund as it was then; None for other kinds of object, which
    ``object_kind`` and ``object_id`` name. ``payment_intent`` is the id of the intent that it is about.
    ``idempotency_key`` is that of the request that caused it, where one did.
    """

    id: str
    type: str
    created: datetime
    livemode: bool
    object_kind: str
    object_id: str | None
    payment_intent: str | None
    idempotency_key: str | None
    subject: PaymentIntent | Refund | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first; ``has_more`` says that the list goes on in the direction asked."""

    events: tuple[Event, ...]
    has_more: bool
