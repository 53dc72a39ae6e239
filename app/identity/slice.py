"""What the factory installs of identity."""

from flask import Flask

from app.edge.slice import Slice
from app.identity.account.endpoints.installing import install as install_account
from app.identity.closing import CLOSING
from app.identity.devices.endpoints import blueprint as devices
from app.identity.endpoints import blueprint
from app.identity.exporting import CONTRIBUTION
from app.identity.factors.endpoints import blueprint as second_factors
from app.identity.notices.endpoints import blueprint as security_notices
from app.identity.oidc.endpoints.apps import blueprint as apps
from app.identity.oidc.endpoints.installing import install as install_provider
from app.identity.oidc.names import EVENTS
from app.identity.oidc.timers import TIMERS as OF_APPS
from app.identity.passkeys.endpoints import blueprint as passkeys
from app.identity.passwords.endpoints import blueprint as passwords
from app.identity.phone_changes.endpoints import blueprint as phone_changes
from app.identity.signatures.certifying import CERTIFYING
from app.identity.signatures.endpoints import blueprint as signing_keys
from app.identity.signatures.stamps.stamping import STAMPING
from app.identity.timers import TIMERS


def install(app: Flask) -> None:
    """Hang what is no endpoint of the API into `app`: the provider, and the pages of people's own accounts."""
    install_provider(app)
    install_account(app)


SLICE = Slice(
    "identity", install=install,
    blueprints=(blueprint, second_factors, passkeys, passwords, devices, phone_changes, security_notices,
        signing_keys, apps),
    timers=(*TIMERS, *OF_APPS, CERTIFYING, STAMPING), events=EVENTS, exports=CONTRIBUTION, closing=CLOSING,
)  # fmt: skip
