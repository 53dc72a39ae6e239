"""What the factory installs of identity."""

from app.edge.slice import Slice
from app.identity import token_endpoint
from app.identity.endpoints import blueprint
from app.identity.factors.endpoints import blueprint as second_factors
from app.identity.signatures.endpoints import blueprint as signing_keys
from app.identity.timers import TIMERS

SLICE = Slice(
    "identity", blueprints=(blueprint, second_factors, signing_keys), install=token_endpoint.install, timers=TIMERS
)
