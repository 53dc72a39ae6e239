"""What the provider forgets: codes, tokens, families and browsers that ended, assertions that are over."""

from app.core.forgetting import forgetting
from app.identity.oidc.models import AppFamily, AppToken, AuthorizationCode, BrowserSession, ClientAssertion

FORGETTING = forgetting("forget-app-tokens", AuthorizationCode, AppToken, AppFamily, BrowserSession, ClientAssertion)
TIMERS = (FORGETTING,)
