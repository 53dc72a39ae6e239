"""What the residents slice hands to the factory."""

from app.edge.slice import Slice
from app.residents.endpoints import accesses, allergies, own, team
from app.residents.names import CONTRACT_RELAY, EVENTS
from app.residents.service.accesses import take_look
from app.residents.service.projection import take_contract
from app.residents.timers import TIMERS
from tenants.api import LOOKED

SLICE = Slice(
    "residents",
    blueprints=(own.blueprint, team.blueprint, allergies.blueprint, accesses.blueprint),
    handlers={(CONTRACT_RELAY, 1): take_contract, (LOOKED, 1): take_look},
    events=EVENTS,
    timers=TIMERS,
)
