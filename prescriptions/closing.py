"""Prescriptions' part in the end of an account."""

from collections.abc import Iterable

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose
from prescriptions.models.prescribing import PersonPrescription
from prescriptions.names import PRESCRIPTION_ID
from prescriptions.rules.prescriptions import State


def _blockers(whose: Whose) -> Iterable[Blocker]:
    """Those in review, and those that may still be supplied: they end by supply, by being given up, or by
    themselves.
    """
    with unit(whose.scope) as reading:
        waiting = PersonPrescription.state.in_((State.PENDING_REVIEW, State.READY))
        rows = reading.all(reading.select(PersonPrescription).where(waiting))
    return [
        Blocker("open_prescription", PublicId(PRESCRIPTION_ID, Scope.for_tenant(row.tenant), row.id)) for row in rows
    ]


CLOSING = Closing(
    erased=frozenset({"person_prescriptions"}),
    kept={
        "prescriptions": Rule.PRESCRIPTION,
        "prescription_signatures": Rule.PRESCRIPTION,
        "routing_orders": Rule.PHARMACY,
        "shipments": Rule.PHARMACY,
        "prescription_choices": Rule.PASSING,
    },
    blockers=_blockers,
)
