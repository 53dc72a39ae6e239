"""What the factory installs of identity."""

from app.edge.slice import Slice
from app.identity.endpoints import blueprint
from app.identity.exporting import CONTRIBUTION
from app.identity.factors.endpoints import blueprint as second_factors
from app.identity.oidc.endpoints.apps import blueprint as apps
from app.identity.oidc.endpoints.installing import install
from app.identity.oidc.timers import TIMERS as OF_APPS
from app.identity.passkeys.endpoints import blueprint as passkeys
from app.identity.signatures.endpoints import blueprint as signing_keys
from app.identity.timers import TIMERS

SLICE = Slice(
    "identity", blueprints=(blueprint, second_factors, passkeys, signing_keys, apps), install=install,
    timers=(*TIMERS, *OF_APPS), exports=CONTRIBUTION,
)  # fmt: skip
