"""What the visits slice hands to the factory."""

from app.edge.slice import Slice
from app.visits.closing import CLOSING
from app.visits.endpoints import both, concluding, inspections, residents, staff
from app.visits.exporting import CONTRIBUTION
from app.visits.handlers import HANDLERS
from app.visits.names import EVENTS
from app.visits.purposes import PURPOSES
from app.visits.timers import TIMERS

SLICE = Slice(
    "visits",
    blueprints=(residents.blueprint, both.blueprint, staff.blueprint, inspections.blueprint, concluding.blueprint),
    handlers=HANDLERS,
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    timers=TIMERS,
    purposes=PURPOSES,
)
