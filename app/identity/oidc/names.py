"""Names of ids and places that the provider knows. Pure."""

from collections.abc import Callable

from app.core.scope import Scope

APP = "app"
GRANT = "agr"
CODE = "acd"
ACCESS = "ata"
REFRESH = "atr"
FAMILY = "atf"
BROWSER = "brw"
ISSUER = "cloud_hospital_issuer"
"""Where the application keeps its own address, which is the issuer of everything that it signs."""
ORGANIZATION = "cloud_hospital_organization"
"""Where the application keeps who knows how a tenant is called."""
NameOf = Callable[[Scope], str]
ACTIVE = "active"
REVOKED = "revoked"
ENDED = "ended"
PUBLIC_APP = "none"
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
BY_KEY = "private_key_jwt"
METHODS = (*SECRET_METHODS, BY_KEY, PUBLIC_APP)
EVENTS = {
    "app.review_asked": "Whoever answered for an app has left: somebody else says that it goes on, or revokes it."
}
"""Public events of apps."""
