"""What the factory installs of identity."""

from app.edge.slice import Slice
from app.identity import token_endpoint
from app.identity.endpoints import blueprint

SLICE = Slice("identity", blueprints=(blueprint,), install=token_endpoint.install)
