"""What the scheduling slice hands to the factory."""

from app.edge.slice import Slice
from app.scheduling.closing import CLOSING
from app.scheduling.endpoints import registrars, residents, telephone
from app.scheduling.exporting import CONTRIBUTION
from app.scheduling.handlers import HANDLERS
from app.scheduling.names import EVENTS
from app.scheduling.purposes import PURPOSES
from app.scheduling.timers import TIMERS

SLICE = Slice(
    "scheduling",
    blueprints=(registrars.blueprint, residents.blueprint, telephone.blueprint),
    handlers=HANDLERS,
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    purposes=PURPOSES,
    timers=TIMERS,
)
