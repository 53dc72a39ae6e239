"""What the insurance slice hands to the factory."""

from app.edge.slice import Slice
from insurance.closing import CLOSING
from insurance.endpoints import claims, coverages, eligibility, members, reversals, settlements
from insurance.exporting import CONTRIBUTION
from insurance.handlers.coverages import HANDLERS as COVERAGES
from insurance.handlers.eligibility import HANDLERS as ELIGIBILITY
from insurance.handlers.insuring import HANDLERS as INSURING
from insurance.handlers.providing import HANDLERS as PROVIDING
from insurance.names import EVENTS
from insurance.purposes import PURPOSES
from insurance.service.driving import TIMERS

SLICE = Slice(
    "insurance",
    blueprints=tuple(one.blueprint for one in (coverages, members, eligibility, settlements, reversals, claims)),
    handlers={**COVERAGES, **ELIGIBILITY, **PROVIDING, **INSURING},
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    timers=TIMERS,
    purposes=PURPOSES,
)
