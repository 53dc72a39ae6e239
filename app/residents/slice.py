"""What the residents slice hands to the factory."""

from app.core.send.carried import CARRIED
from app.edge.slice import Slice
from app.residents.endpoints import accesses, allergies, exports, own, team
from app.residents.exporting import CONTRIBUTION
from app.residents.names import CONTRACT_RELAY, EVENTS, EXPORT_RELAY
from app.residents.service.accesses import take_look
from app.residents.service.exports import take_export
from app.residents.service.hooks import take_hook
from app.residents.service.projection import take_contract
from app.residents.timers import TIMERS
from tenants.api import LOOKED

SLICE = Slice(
    "residents",
    blueprints=(own.blueprint, team.blueprint, allergies.blueprint, accesses.blueprint, exports.blueprint),
    handlers={
        (CONTRACT_RELAY, 1): take_contract,
        (LOOKED, 1): take_look,
        (EXPORT_RELAY, 1): take_export,
        (CARRIED, 1): take_hook,
    },
    events=EVENTS,
    exports=CONTRIBUTION,
    timers=TIMERS,
)
