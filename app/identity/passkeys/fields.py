"""What browsers answer, as it stands in a body: an object whose form WebAuthn prescribes, and may yet extend."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson
from marshmallow import ValidationError, fields

Answer = TypeVar("Answer")
LONGEST = 16 * 1024
"""Bytes: several times what a browser sends."""
ATTESTATION = "What the browser answered: RegistrationResponseJSON (WebAuthn Level 3, 5.1)"
ASSERTION = "What the browser answered: AuthenticationResponseJSON (WebAuthn Level 3, 5.1)"


class Answered(fields.Field[Answer]):
    """An answer of a browser, taken apart and not yet checked. Of what WebAuthn does not name, nothing is read."""

    def __init__(self, read: Callable[[Mapping[str, Any]], Answer], **options: Any) -> None:
        """`read` raises ValueError for what is no such answer."""
        described = {"type": "object", "additionalProperties": True, **options.pop("metadata", {})}
        super().__init__(metadata=described, **options)
        self.read = read

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Answer:
        if not isinstance(value, dict) or len(orjson.dumps(value)) > LONGEST:
            raise ValidationError("Not an answer of a browser.")
        try:
            return self.read(value)
        except ValueError:
            raise ValidationError("Not an answer of a browser.") from None
