"""Hearing a gateway: proven, stored, answered, applied, in this order."""

import uuid

import structlog
from sqlalchemy.dialects.postgresql import insert

from app.core.due import due_ids, take_due
from app.core.errors import Malformed
from app.core.ids import PublicId, new_id
from app.core.logs import trace
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.payments.facts import ChannelFact, Kind, Source, of_event, of_row, row_of
from app.payments.gateway import Event, WebhookPayloadInvalid, WebhookSignatureInvalid, verify_webhook
from app.payments.models import GatewayFact
from app.payments.service.accounts import secrets_of
from app.payments.service.applying import Verdict, apply_channel_fact

BATCH = 100
log = structlog.get_logger()


def hear(account: PublicId, payload: bytes, signature: str) -> None:
    """Take a webhook of `account`. Once it returns it is stored; the worker applies what this process could not.

    Nothing of its tenant is bound before the signature holds. Raises Malformed `webhook_signature_invalid`, for an
    unknown account too: strangers learn no account's existence. A proven body that is no event is stored as such.
    """
    try:
        event = verify_webhook(payload, signature, secrets_of(account), now=database().clock.now())
    except WebhookSignatureInvalid:
        raise Malformed("the signature does not hold", code="webhook_signature_invalid") from None
    except WebhookPayloadInvalid:
        event = None
        log.error("gateway_webhook_unreadable", account=str(account))
    scope = Scope.for_tenant(account.scope.require_tenant())
    stored = run(scope, lambda opened: store(opened, account.id, event))
    if stored is None:
        return
    try:
        apply_stored(scope, stored)
    except Exception as error:  # it is stored: the gateway need not repeat it, the worker will
        log.error("gateway_fact_not_applied", fact=str(stored), trace=trace(error))


def store(opened: Unit, account: uuid.UUID, event: Event | None) -> uuid.UUID | None:
    """Keep an event to be applied; None where it came before."""
    unread = ChannelFact(account, Source.WEBHOOK, Kind.OTHER, "", None, 0, "")
    row = row_of(of_event(account, event) if event else unread)
    table = GatewayFact.__table__
    values = {column.name: getattr(row, column.name) for column in table.columns}
    values |= {
        "tenant_id": opened.scope.tenant, "id": new_id(), "event_id": event.id if event else None,
        "verdict": Verdict.RECEIVED, "due_at": opened.now, "received_at": opened.now,
    }  # fmt: skip
    fresh = insert(GatewayFact).values(values).on_conflict_do_nothing().returning(GatewayFact.id)
    return opened.session.scalars(fresh).first()


def apply_stored(scope: Scope, fact: uuid.UUID) -> None:
    """Apply a stored fact, unless somebody else did or does."""

    def work(opened: Unit) -> None:
        row = take_due(opened, GatewayFact, fact)
        if row is not None:
            apply_channel_fact(opened, of_row(row), row)

    run(scope, work)


def apply_due(scope: Scope) -> int:
    """Apply what waits in `scope`; returns how many that were."""
    with unit(scope) as reading:
        waiting = due_ids(reading, GatewayFact, BATCH)
    for fact in waiting:
        apply_stored(scope, fact)
    return len(waiting)
