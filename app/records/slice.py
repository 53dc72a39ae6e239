"""What the records slice hands to the factory."""

from app.edge.slice import Slice
from app.records.closing import CLOSING
from app.records.endpoints import emergencies, research, shared
from app.records.exporting import CONTRIBUTION
from app.records.names import EMERGENCY_RELAY, EVENTS
from app.records.purposes import PURPOSES
from app.records.service.emergencies import take_emergency
from app.records.timers import TIMERS

SLICE = Slice(
    "records",
    blueprints=(shared.blueprint, emergencies.blueprint, research.blueprint),
    handlers={(EMERGENCY_RELAY, 1): take_emergency},
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    timers=TIMERS,
    purposes=PURPOSES,
)
