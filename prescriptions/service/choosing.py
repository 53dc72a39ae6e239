"""A resident chooses pharmacies for a prescription, in their order: the first one gets the routing order."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.ids import PublicId
from app.core.unit import Effect, Unit, run, unit
from prescriptions.ids import PrescriptionViewer
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import Choice
from prescriptions.routing_errors import bad_choice, stands_against
from prescriptions.rules.choices import ChoiceState
from prescriptions.service.offering import note, offer
from prescriptions.service.routable import refuse_unroutable
from prescriptions.service.telling import show_at_once, shown

CHOOSABLE = frozenset({ChoiceState.SHOWN, ChoiceState.WAITING, ChoiceState.DROPPED})


@dataclass(frozen=True)
class Routing:
    """A prescription's way to pharmacies: what was chosen, by rank."""

    prescription: Prescription
    choices: Sequence[Choice]

    @property
    def version(self) -> int:
        """The prescription's."""
        return self.prescription.version


def choose(
    viewer: PrescriptionViewer,
    known: PublicId,
    chosen: Sequence[PublicId],
    offered_for: timedelta,
    effect: Effect | None = None,
) -> Routing:
    """Rank quotes that the resident was shown; the first pharmacy is offered the prescription at once.

    What was ranked before and did not have its turn is dropped. Raises NotFound, InvalidInput for a quote that cannot
    be chosen, WrongState where the prescription cannot be routed or an order of it lives (`order_live`).
    """

    told: dict[str, Any] = {}

    def work(opened: Unit) -> Routing:
        prescription = viewer.prescription(opened, known, lock=True)
        refuse_unroutable(opened, prescription)
        if prescription.order_tenant is not None:
            raise stands_against("order_live")
        ranked = _ranked(opened, prescription, chosen)
        _drop_others(opened, prescription, {choice.id for choice in ranked})
        for rank, choice in enumerate(ranked, 1):
            choice.state, choice.rank = ChoiceState.WAITING, rank
            choice.offer_seconds, choice.due_at = int(offered_for.total_seconds()), None
            note(opened, choice)
        offer(opened, prescription, ranked[0])
        told.update(shown(opened, prescription))
        return Routing(prescription, ranked)

    routing = run(viewer.at(known), work, viewer.by, effect=effect)
    show_at_once(routing.prescription.tenant_id, routing.prescription.resident_id, told, viewer.by)
    return routing


def routing_of(viewer: PrescriptionViewer, known: PublicId) -> Routing:
    """What the resident chose for a prescription, by rank, and what became of it; raises NotFound."""
    with unit(viewer.at(known), viewer.by) as reading:
        prescription = viewer.prescription(reading, known)
        query = reading.select(Choice).where(Choice.prescription_id == prescription.id, Choice.rank.is_not(None))
        return Routing(prescription, reading.all(query.order_by(Choice.attempt.nulls_last(), Choice.rank)))


def _ranked(opened: Unit, prescription: Prescription, chosen: Sequence[PublicId]) -> list[Choice]:
    query = opened.select(Choice).where(
        Choice.prescription_id == prescription.id, Choice.id.in_([one.id for one in chosen])
    )
    shown = {row.id: row for row in opened.all(query)}
    return [_choosable(at, one, shown, opened.now) for at, one in enumerate(chosen)]


def _choosable(at: int, quote: PublicId, shown: dict[uuid.UUID, Choice], now: datetime) -> Choice:
    choice = shown.get(quote.id)
    if choice is None or choice.pharmacy != quote.scope.tenant:
        raise bad_choice(at, "unknown_quote", "no quote of this prescription")
    if choice.state not in CHOOSABLE:
        raise bad_choice(at, "quote_used", "this quote has had its turn: ask for a new one")
    if not choice.available:
        raise bad_choice(at, "quote_unavailable", "the pharmacy does not have everything")
    if choice.valid_until <= now:
        raise bad_choice(at, "quote_over", "the quote's time is over: ask for a new one")
    return choice


def _drop_others(opened: Unit, prescription: Prescription, kept: set[uuid.UUID]) -> None:
    waiting = opened.select(Choice).where(
        Choice.prescription_id == prescription.id, Choice.state == ChoiceState.WAITING
    )
    for choice in opened.all(waiting):
        if choice.id not in kept:
            choice.state = ChoiceState.DROPPED
            note(opened, choice)
