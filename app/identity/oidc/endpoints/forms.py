"""The forms of the pages; each carries a token against forged requests, bound to the browser's own cookie."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import AnyOf, Length

from app.identity.passkeys.ceremonies import read_asserted
from app.identity.passkeys.fields import LONGEST as LONGEST_ANSWER
from app.identity.phones import parse_code, parse_phone
from app.identity.schemas import LONGEST

PHONE_STEP, CODE_STEP, PASSKEY_STEP, CONSENT_STEP = "phone", "code", "passkey", "consent"
ALLOW, DENY = "allow", "deny"
Parsed = TypeVar("Parsed")


class PhoneForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """Where the one-time code shall go."""

    phone = StringField(validators=[Length(1, LONGEST)])

    def validate_phone(self, field: Any) -> None:
        """Bring the number into its one form; raises ValidationError."""
        field.data = _parsed(parse_phone, field.data)


class CodeForm(PhoneForm):
    """The code that arrived there."""

    one_time_code = StringField(validators=[Length(1, LONGEST)])

    def validate_one_time_code(self, field: Any) -> None:
        """Bring the code into its one form; raises ValidationError."""
        field.data = _parsed(parse_code, field.data)


class PasskeyForm(FlaskForm):  # type: ignore[misc]  # as above
    """What the browser answered when it was asked for a passkey."""

    assertion = HiddenField(validators=[Length(1, LONGEST_ANSWER)])

    def validate_assertion(self, field: Any) -> None:
        """Take it apart; raises ValidationError."""
        field.data = _parsed(lambda text: read_asserted(orjson.loads(text)), field.data)


class ConsentForm(FlaskForm):  # type: ignore[misc]  # as above
    """Yes or no."""

    decision = HiddenField(validators=[AnyOf((ALLOW, DENY))])


class LeaveForm(FlaskForm):  # type: ignore[misc]  # as above
    """Whether somebody wants to sign out."""


def _parsed(parse: Callable[[str], Parsed], text: str | None) -> Parsed:
    try:
        return parse(text or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error
