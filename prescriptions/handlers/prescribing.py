"""What a person's scope does when it hears of a prescription, and a hospital when a visit fails that bore some."""

from app.core.ids import PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.unit import Unit
from app.visits.api import FAILED, VISIT_ID
from prescriptions.names import SHOW
from prescriptions.service.ending import end_of_visit
from prescriptions.service.telling import take_shown


def take_failed(unit: Unit, relay: Incoming) -> Answer:
    """End what was prescribed from a visit that turned out to be none."""
    return {"ended": end_of_visit(unit, PublicId.parse(relay.payload["visit"], VISIT_ID))}


HANDLERS: dict[tuple[str, int], Handler] = {(SHOW, 1): take_shown, (FAILED, 1): take_failed}
