"""The forms of the pages; each carries a token against forged requests, bound to the browser's own cookie."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import AnyOf, Length

from app.identity.factors.schemas import parse_factor
from app.identity.passkeys.ceremonies import read_asserted
from app.identity.passkeys.fields import LONGEST as LONGEST_ANSWER
from app.identity.passwords.rules import normalized
from app.identity.passwords.schemas import MOST_TYPED
from app.identity.phones import parse_code, parse_phone
from app.identity.rules import NUMBER_END
from app.identity.schemas import LONGEST
from app.identity.sign_in_schemas import LONGEST_STATED

PHONE_STEP, PASSWORD_STEP, CODE_STEP, PROOF_STEP = "phone", "password", "code", "proof"
PASSKEY_STEP = "passkey"
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


class PasswordForm(PhoneForm):
    """A password, and perhaps a second factor."""

    password = PasswordField(validators=[Length(0, MOST_TYPED)])
    second_factor = StringField(validators=[Length(0, LONGEST)])

    def validate_password(self, field: Any) -> None:
        """Bring it into the form in which it is compared; raises ValidationError."""
        field.data = _parsed(normalized, field.data) or None

    def validate_second_factor(self, field: Any) -> None:
        """Bring the code into its one form; raises ValidationError."""
        field.data = _parsed(parse_factor, field.data) if field.data else None


class ProofForm(CodeForm, PasswordForm):
    """The code again, and a second proof of one's choice."""

    name = StringField(validators=[Length(0, LONGEST_STATED)])
    number_end = StringField(validators=[Length(0, NUMBER_END)])


class ConsentForm(FlaskForm):  # type: ignore[misc]  # as above
    """Yes or no."""

    decision = HiddenField(validators=[AnyOf((ALLOW, DENY))])


class LeaveForm(FlaskForm):  # type: ignore[misc]  # as above
    """Whether somebody wants to sign out."""


def has_expired(form: Any) -> bool:
    """Whether `form` came without the token that this browser was given, or with an old one."""
    return bool(form.csrf_token.errors)


def filled(kind: type[PhoneForm], former: PhoneForm) -> PhoneForm:
    """A form of `kind` for the next try, with the number, and the code that is still good; nothing else is kept."""
    kept = {name: former.data.get(name) for name in ("phone", "one_time_code") if kind is ProofForm or name == "phone"}
    return kind(formdata=None, data=kept)


def _parsed(parse: Callable[[str], Parsed], text: str | None) -> Parsed:
    try:
        return parse(text or "")
    except ValueError as error:
        raise ValidationError(str(error)) from error
