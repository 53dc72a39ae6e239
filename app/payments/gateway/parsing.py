"""From the gateway's JSON to typed values. What an answer must have is checked, the rest is ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.payments.gateway.objects import Event, EventPage, NextAction, PaymentIntent, Refund

JsonObject = Mapping[str, Any]


class Unreadable(Exception):
    """The answer is not the object that it should be."""


def parse_intent(source: JsonObject) -> PaymentIntent:
    """Read a ``payment_intent``. Raises ``Unreadable``."""
    _expect(source, "payment_intent")
    failure = _group(source, "last_payment_error")
    return PaymentIntent(
        id=_text(source, "id"),
        status=_text(source, "status"),
        amount=_integer(source, "amount"),
        amount_received=_integer(source, "amount_received", 0),
        currency=_text(source, "currency"),
        created=_moment(source),
        livemode=source.get("livemode") is True,
        metadata=_metadata(source),
        payment_method_types=tuple(str(kind) for kind in source.get("payment_method_types") or ()),
        next_action=_next_action(_group(source, "next_action")),
        latest_charge=_id_of(source, "latest_charge"),
        cancellation_reason=_optional(source, "cancellation_reason"),
        error_code=_optional(failure, "code"),
        decline_code=_optional(failure, "decline_code"),
    )


def parse_refund(source: JsonObject) -> Refund:
    """Read a ``refund``. Raises ``Unreadable``."""
    _expect(source, "refund")
    return Refund(
        id=_text(source, "id"),
        status=_text(source, "status"),
        amount=_integer(source, "amount"),
        currency=_text(source, "currency"),
        payment_intent=_id_of(source, "payment_intent"),
        charge=_id_of(source, "charge"),
        reason=_optional(source, "reason"),
        failure_reason=_optional(source, "failure_reason"),
        created=_moment(source),
        metadata=_metadata(source),
    )


def parse_event(source: JsonObject) -> Event:
    """Read an ``event``. Raises ``Unreadable``."""
    _expect(source, "event")
    thing = _group(_group(source, "data"), "object")
    kind = _text(thing, "object")
    parse = _SUBJECTS.get(kind)
    return Event(
        id=_text(source, "id"),
        type=_text(source, "type"),
        created=_moment(source),
        livemode=source.get("livemode") is True,
        object_kind=kind,
        object_id=_optional(thing, "id"),
        payment_intent=_optional(thing, "id") if kind == "payment_intent" else _id_of(thing, "payment_intent"),
        idempotency_key=_optional(_group(source, "request"), "idempotency_key"),
        subject=parse(thing) if parse else None,
    )


def parse_event_page(source: JsonObject) -> EventPage:
    """Read a list of events. Raises ``Unreadable``."""
    _expect(source, "list")
    found = source.get("data")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Unreadable("data is not a list of objects")
    return EventPage(tuple(parse_event(item) for item in found), source.get("has_more") is True)


_SUBJECTS: Mapping[str, Callable[[JsonObject], PaymentIntent | Refund]] = {
    "payment_intent": parse_intent,
    "refund": parse_refund,
}


def _next_action(source: JsonObject) -> NextAction | None:
    if not source:
        return None
    kind = _text(source, "type")
    details = _group(source, kind)
    return NextAction(kind, _optional(details, "url"), _optional(details, "data"))


def _expect(source: JsonObject, kind: str) -> None:
    if source.get("object") != kind:
        raise Unreadable(f"not a {kind}")


def _text(source: JsonObject, name: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} is not a text")
    return value


def _optional(source: JsonObject, name: str) -> str | None:
    return None if source.get(name) in (None, "") else _text(source, name)


def _integer(source: JsonObject, name: str, default: int | None = None) -> int:
    value = source.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unreadable(f"{name} is not a whole number")
    return value


def _moment(source: JsonObject) -> datetime:
    try:
        return datetime.fromtimestamp(_integer(source, "created"), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Unreadable("created is no time")


def _group(source: JsonObject, name: str) -> JsonObject:
    value = source.get(name) or {}
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is not an object")
    return value


def _id_of(source: JsonObject, name: str) -> str | None:
    """The id of an object that may be given whole (expanded) or by id."""
    value = source.get(name)
    return _optional(value, "id") if isinstance(value, dict) else _optional(source, name)


def _metadata(source: JsonObject) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in _group(source, "metadata").items()})
