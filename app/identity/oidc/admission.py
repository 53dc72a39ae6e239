"""Who bears an access token of whatever kind: a system's, a member of staff's, a person's, or an app's for a person."""

from app.core.access import Principal
from app.identity.oidc.names import ACCESS
from app.identity.oidc.service import tokens as of_apps
from app.identity.service import tokens


def authenticate(text: str) -> Principal:
    """The bearer of `text`; raises Unauthenticated."""
    return of_apps.authenticate(text) if text.startswith(f"{ACCESS}_") else tokens.authenticate(text)
