"""What identity contributes to the export of everything about a person: the account, its sign-ins and
what happened to it.
"""

from app.edge.exporting import Contribution, every, rendered
from app.identity.devices import service as devices
from app.identity.devices.schemas import DeviceOut
from app.identity.factors import authenticators
from app.identity.factors.schemas import AuthenticatorOut
from app.identity.notices import listing as notices
from app.identity.notices.schemas import SecurityNoticeOut
from app.identity.oidc.queries import grants
from app.identity.oidc.schemas import AppGrantOut
from app.identity.passkeys.schemas import PasskeyOut
from app.identity.passkeys.service import owning
from app.identity.queries import sign_ins
from app.identity.schemas import MeOut, OwnSignInOut
from app.identity.service.sign_in import read_me

CONTRIBUTION = Contribution(
    parts={
        "account": lambda whose: MeOut().dump(read_me(whose.scope, alone=whose.alone)),
        "sign_ins": lambda whose: rendered(OwnSignInOut, every(lambda asked: sign_ins(whose.scope, None, asked))),
        "authenticators": lambda whose: rendered(
            AuthenticatorOut, every(lambda asked: authenticators.listed(whose.scope, asked))
        ),
        "passkeys": lambda whose: rendered(PasskeyOut, every(lambda asked: owning.listed(whose.scope, asked))),
        "devices": lambda whose: rendered(DeviceOut, every(lambda asked: devices.listed(whose.scope, None, asked))),
        "security_notices": lambda whose: rendered(
            SecurityNoticeOut, every(lambda asked: notices.listed(whose.scope, asked))
        ),
        "app_grants": lambda whose: rendered(AppGrantOut, every(lambda asked: grants(whose.scope, asked))),
    },
    own=frozenset({"sign_ins", "authenticators", "passkeys", "devices", "security_notices", "app_grants"}),
    tables=frozenset(
        {"persons", "person_access_tokens", "authenticators", "passkeys", "app_grants", "devices", "security_notices"}
    ),
)
