"""What second factors look like on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.factors import recovery
from app.identity.factors.proving import AUTHENTICATOR_ID, subject
from app.identity.factors.repository import ACTIVE, PENDING
from app.identity.factors.rules import OTP, POP
from app.identity.passkeys.ceremonies import read_asserted
from app.identity.passkeys.fields import ASSERTION, Answered
from app.identity.phones import parse_code, without_fillers
from app.identity.schemas import Typed

LONGEST_NAME = 40


def parse_factor(text: str) -> str:
    """A code of an app or a recovery code, in the form in which it is compared; raises ValueError."""
    typed = without_fillers(text).upper()
    if recovery.FORM.fullmatch(typed):
        return typed
    return parse_code(text)


class AuthenticatorIn(Input):
    """What its owner calls it."""

    name = Text(LONGEST_NAME, required=True)


class AuthenticatorOut(Schema):
    """An authenticator app of one's own."""

    id = IdOf(AUTHENTICATOR_ID, subject)
    name = fields.String()
    state = Word([PENDING, ACTIVE], metadata={"description": "It counts once it is active"})
    created_at = Instant()
    confirmed_at = Instant(allow_none=True)
    version = Version()


class AddedAuthenticatorOut(Schema):
    """A fresh authenticator and its secret, shown this once."""

    authenticator = fields.Nested(AuthenticatorOut)
    secret = fields.String(metadata={"description": "Base32, to be typed into an app"})
    otpauth_uri = fields.String(metadata={"description": "The same for an app to read, as a picture (QR code)"})


class FirstCodeIn(Input):
    """The code that the app shows."""

    code = Typed(parse_code, required=True, metadata={"description": "Six digits", "example": "012345"})


class SecondFactorIn(Input):
    """A code of an authenticator app, a recovery code, or a passkey: one of them."""

    code = Typed(
        parse_factor, metadata={"description": "Six digits of an app, or a recovery code", "example": "012345"}
    )
    passkey = Answered(read_asserted, metadata={"description": ASSERTION})

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Send a code or a passkey.", "code")


class SecondFactorOut(Schema):
    """That the present sign-in has proved a second factor."""

    method = Word([OTP, POP], metadata={"description": "As RFC 8176 names it"})
    proved_at = Instant()
    fresh_until = Instant()


class RecoveryCodesOut(Schema):
    """How many recovery codes are left."""

    left = fields.Integer()
    made_at = Instant(allow_none=True)


class MadeRecoveryCodesOut(Schema):
    """Fresh recovery codes, shown this once."""

    codes = fields.List(fields.String())
    made_at = Instant()
