"""How long things of the provider hold, and where an app may be. Pure."""

from datetime import timedelta
from urllib.parse import urlsplit

CODE_LIFE = timedelta(minutes=1)
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)
"""Of one refresh token: who does not come back within that time signs in again."""
FAMILY_LIFE = timedelta(days=180)
"""Of all that came of one code: after that the person is asked again."""
ID_TOKEN_LIFE = timedelta(hours=1)
ASSERTION_LIFE = timedelta(minutes=5)
"""The most that an app's assertion may last (RFC 7523, 3)."""
LEEWAY = timedelta(seconds=60)
"""By how much an app's clock may be wrong."""
KEPT = timedelta(days=7)
"""How long tokens and their families are kept after their end, so that a replay is still recognised."""
KEY_KEPT = timedelta(days=90)
"""How long a retired key still recognises an ID token that is shown at sign-out."""
LOOPBACKS = ("127.0.0.1", "[::1]")
LONGEST_URI = 1000


def is_redirect_uri(text: str) -> bool:
    """Whether answers may be sent there: https, or http to the device itself (RFC 8252, 7.3), without a fragment."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \\\"'<>;,|^`{}")
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACKS)
    return bool(plain and secure and parts.hostname and "@" not in parts.netloc and "#" not in text)


def origin(uri: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
