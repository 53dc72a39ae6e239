"""What a sign-in looks like on the wire: a number, and what is shown beside it."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.edge.schema import Input, PublicIdField, Text
from app.identity.credentials import PERSON
from app.identity.devices.rules import LONGEST_NAME
from app.identity.factors.schemas import parse_factor
from app.identity.passwords.schemas import PasswordField
from app.identity.phones import parse_code
from app.identity.rules import NUMBER_END
from app.identity.schemas import Typed, device_token_field, locale_field, phone_field

LONGEST_STATED = 100


class IdentityProofIn(Input):
    """Who one is, as it was verified."""

    name = Text(LONGEST_STATED, required=True, metadata={"description": "The whole name"})
    number_end = fields.String(
        required=True, validate=validate.Length(equal=NUMBER_END),
        metadata={"description": "The last six characters of the identity number", "example": "12345X"},
    )  # fmt: skip


class SignInIn(Input):
    """A phone number, the code that was sent to it or a password, and a second proof where the device is not known."""

    phone = phone_field()
    code = Typed(parse_code, load_default=None, metadata={"description": "Six digits", "example": "012345"})
    password = PasswordField(load_default=None, metadata={"description": "Instead of a code on a known device"})
    second_factor = Typed(
        parse_factor, load_default=None, metadata={"description": "Six digits of an app, or a recovery code"}
    )
    identity = fields.Nested(IdentityProofIn, load_default=None)
    device_token = device_token_field()
    device_name = Text(LONGEST_NAME, load_default=None, metadata={"description": "What its owner will know it by"})
    locale = locale_field(
        "The language of a person who signs in for the first time; without it `Accept-Language` says, else the number. "
        "They change it by `PUT /me`",
        load_default=None,
    )

    @validates_schema
    def validate_something_is_shown(self, data: dict[str, Any], **rest: Any) -> None:
        """A code or a password; raises ValidationError."""
        if data["code"] is None and data["password"] is None:
            raise ValidationError("A code or a password.", "code")


class SignInOut(Schema):
    """An access token of a person."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})
    person = PublicIdField(PERSON, required=True)
    is_new = fields.Boolean(required=True, metadata={"description": "Whether this was the first sign-in"})
    device_token = fields.String(
        required=True, allow_none=True,
        metadata={"description": "To be kept by the device and sent with the next sign-in; null: it has one already"},
    )  # fmt: skip
