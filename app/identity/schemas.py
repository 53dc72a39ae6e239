"""What signing in looks like on the wire."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.edge.schema import IdOf, Input, Instant, PublicIdField, Version, Word
from app.identity.credentials import PERSON, STAFF, TOKEN
from app.identity.devices.rules import DEVICE_ID, LONGEST_TOKEN
from app.identity.phones import parse_code, parse_phone

LOCALES = ("zh-CN", "en")
LONGEST = 40
"""Characters of a phone number with everything that people put between its digits."""


class Typed(fields.String):
    """Digits as somebody typed them, parsed into the one form in which they are kept."""

    def __init__(self, parse: Callable[[str], str], **options: Any) -> None:
        """`parse` raises ValueError with a sentence for the caller."""
        super().__init__(validate=validate.Length(1, LONGEST), **options)
        self.parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **rest))
        if len(text) > LONGEST:
            raise ValidationError("Too long.")
        try:
            return self.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def locale_field(about: str, **options: Any) -> fields.String:
    """One of the languages that the platform speaks (BCP 47); `about` says whose."""
    return fields.String(validate=validate.OneOf(LOCALES), metadata={"description": about}, **options)


def phone_field() -> Typed:
    """A mobile number in a body, whoever's; parsed to E.164."""
    about = "A mobile number: E.164, or eleven digits for mainland China"
    return Typed(parse_phone, required=True, metadata={"description": about, "example": "+8613912345678"})


def code_field() -> Typed:
    """A one-time code that must be there."""
    return Typed(parse_code, required=True, metadata={"description": "Six digits", "example": "012345"})


def device_token_field() -> fields.String:
    """What a device was given at its first sign-in, if it was."""
    about = "What this device was given at its first sign-in"
    rule = validate.Length(1, LONGEST_TOKEN)
    return fields.String(load_default=None, validate=rule, metadata={"description": about})


class SignInCodeIn(Input):
    """Where a one-time code shall go."""

    phone = phone_field()
    device_token = device_token_field()
    locale = locale_field(
        "The language of the message to a number that nobody signs in with yet; without it `Accept-Language` says. "
        "Whoever signs in with the number is written to in the language of their account",
        load_default=None,
    )


class SignInCodeOut(Schema):
    """For how long the code holds and when another may be asked for, in seconds."""

    expires_in = fields.Integer(required=True)
    resend_in = fields.Integer(required=True)


class SignOutOut(Schema):
    """A sign-in that was ended."""

    ended_at = Instant(required=True)


class OwnSignInOut(Schema):
    """A sign-in as its person sees it."""

    id = PublicIdField(TOKEN, required=True)
    affiliation = PublicIdField(
        STAFF, required=True, allow_none=True,
        metadata={"description": "As whom of a staff, as in `/me/affiliations`; null: as oneself"},
    )  # fmt: skip
    began_at = Instant(required=True)
    expires_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    device = IdOf(
        DEVICE_ID, lambda one: one.device, allow_none=True,
        metadata={"description": "On which device, as in `/me/devices`; null where it is not known or was forgotten"},
    )  # fmt: skip
    last_used_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "The day (Asia/Shanghai) of the last request"}
    )
    is_current = fields.Boolean(required=True, metadata={"description": "Whether this request bears it"})
    actor = PublicIdField(
        PERSON, required=True, allow_none=True, metadata={"description": "Who acts for the person with it"}
    )


class MeIn(Input):
    """What a person says about themselves."""

    locale = locale_field("In which language they want to be written to", required=True)


class MeOut(Schema):
    """What a person reads about themselves."""

    id = PublicIdField(PERSON, required=True)
    phone = fields.String(
        required=True, allow_none=True, metadata={"description": "E.164; null where somebody acts for the person"}
    )
    locale = Word(LOCALES, required=True, metadata={"description": "In which language they are written to"})
    created_at = Instant(required=True)
    version = Version(required=True)
