"""What the residents slice hands to the factory."""

from app.edge.slice import Slice
from app.residents.endpoints import allergies, own, team
from app.residents.names import CONTRACT_RELAY, EVENTS
from app.residents.service.projection import take_contract
from app.residents.timers import TIMERS

SLICE = Slice(
    "residents",
    blueprints=(own.blueprint, team.blueprint, allergies.blueprint),
    handlers={(CONTRACT_RELAY, 1): take_contract},
    events=EVENTS,
    timers=TIMERS,
)
