"""Time-based one-time passwords (RFC 6238) as every authenticator app has them: SHA-1, 30 s, six digits. Pure."""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp

ISSUER = "云医院"
SECRET_BYTES = 20
"""160 bits, as RFC 4226 (section 4, R6) recommends."""
STEP_SECONDS = 30
WINDOW = 1
"""Steps on either side, for clocks that differ and people who type slowly (RFC 6238, section 5.2)."""


def new_secret() -> bytes:
    """A fresh secret."""
    return secrets.token_bytes(SECRET_BYTES)


def text_of(secret: bytes) -> str:
    """The secret as people type it into an app: base32."""
    return base64.b32encode(secret).decode()


def uri_of(secret: bytes, name: str) -> str:
    """The secret as an app reads it from a picture: an `otpauth` URI."""
    return pyotp.TOTP(text_of(secret), name=name, issuer=ISSUER).provisioning_uri()


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The newest time step within the window around `now` whose code this is, or None."""
    totp, present = pyotp.TOTP(text_of(secret)), int(now.timestamp()) // STEP_SECONDS
    steps = range(present + WINDOW, present - WINDOW - 1, -1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None)
