"""What passwords look like on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.edge.schema import Input, Instant
from app.identity.passwords.rules import LEAST, LEAST_WITH_FACTOR, LONGEST, normalized

MOST_TYPED = 2 * LONGEST
"""Characters before they are normalized, which may take half of them together."""


class PasswordField(fields.String):
    """A password as somebody typed it, spaces and all, brought into the form in which it is compared. That none is
    longer than `LONGEST` in this form is a rule of setting one.
    """

    def __init__(self, *, metadata: dict[str, Any], **options: Any) -> None:
        """Takes what every field takes; the document names the longest that there can be."""
        told = {**metadata, "maxLength": LONGEST}
        super().__init__(validate=validate.Length(1), metadata=told, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **rest))
        if len(text) > MOST_TYPED:
            raise ValidationError(f"Longer than {LONGEST} characters.")
        try:
            return normalized(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class PasswordIn(Input):
    """A password to be set."""

    password = PasswordField(
        required=True,
        metadata={
            "description": f"{LEAST} characters and more, {LEAST_WITH_FACTOR} with an authenticator, {LONGEST} at most "
            "(counted in NFKC); of any kind"
        },
    )


class PasswordOut(Schema):
    """Whether there is a password; itself it is told to nobody."""

    is_set = fields.Boolean(required=True)
    changed_at = Instant(required=True, allow_none=True)
