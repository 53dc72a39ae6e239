"""The base of request bodies and queries, and the fields that mean the same in every slice."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.core.calendar import local_date
from app.core.ids import MalformedId, PublicId
from app.edge.ijson import LARGEST
from app.edge.joiners import JOINERS, needed

MOST_FEN = 10**13 - 1
"""Just below a hundred billion yuan: a slip of the keyboard is refused, the accounts of a city are not."""
IN_FEN = "In fen, a hundredth of a yuan"
"""How the OpenAPI document describes every amount."""
YES_OR_NO: dict[str, Any] = {"type": "boolean"}
"""The `metadata` of a field that is computed of the whole row and says whether something holds."""
_INSTANT = re.compile(r"\A\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)
_WHOLE = re.compile(r"\A-?[0-9]{1,16}\Z")
_UNSEEN = frozenset({"Cf", "Zl", "Zp"})


class Input(Schema):
    """Base of every request body and query: a name that is not declared is refused.

    The edge has already refused control characters, lone surrogates and integers beyond 2^53 (see `ijson`).
    """

    class Meta:
        """Unknown names are mistakes of the caller's, not something to ignore."""

        unknown = RAISE

    error_messages = {"type": "Send a JSON object."}  # noqa: RUF012  # so declared by marshmallow


def _visible(text: str) -> None:
    """Refuse characters that are not shown or that turn the text around (Unicode category Cf), and separators that
    only some programs show as a new line (Zl, Zp): names would deceive. A joiner may stand where scripts need it.
    """
    for at, character in enumerate(text):
        if unicodedata.category(character) in _UNSEEN and not (character in JOINERS and needed(text, at)):
            raise ValidationError("A character that is not shown.")


class Text(fields.String):
    """Words written by somebody, without white space around them; raises for blank text."""

    def __init__(self, longest: int, **options: Any) -> None:
        """`longest` counts characters after trimming."""
        rules: list[Callable[[str], object]] = [
            validate.Length(1, longest),
            validate.Regexp(r".*\S", re.DOTALL, error="Blank."),
            _visible,
        ]
        super().__init__(validate=rules, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        return str(super()._deserialize(value, attr, data, **rest)).strip()


class YesNo(fields.Boolean):
    """true or false, as JSON writes them: no word or number passes for one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryYesNo(fields.Boolean):
    """`true` or `false`, written in a query."""

    def __init__(self, **options: Any) -> None:
        """Takes what every field takes."""
        super().__init__(truthy={"true"}, falsy={"false"}, **options)


class PublicIdField(fields.Field[PublicId]):
    """The public id of a thing of one kind; whether it exists, and for whom, is for the service to say."""

    default_error_messages = {"invalid": "Not an id of this kind."}  # noqa: RUF012  # so declared by marshmallow

    def __init__(self, prefix: str, **options: Any) -> None:
        """`prefix` is the kind (`apt`, `res`), as in `PublicId`."""
        super().__init__(**options)
        self.prefix = prefix

    def _serialize(self, value: PublicId | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> PublicId:
        try:
            return PublicId.parse(value, self.prefix)
        except (MalformedId, TypeError):
            raise self.make_error("invalid") from None


class IdOf(PublicIdField):
    """In an answer, the public id that is made of the whole row; None where `make` finds none."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, prefix: str, make: Callable[[Any], PublicId | None], **options: Any) -> None:
        """`prefix` is the kind of what `make` returns."""
        super().__init__(prefix, dump_only=True, **options)
        self.make = make

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        made = self.make(obj)
        return None if made is None else str(made)


class Word(fields.String):
    """In an answer, one of a few words: a state, a kind, a reason."""

    def __init__(self, words: Iterable[str], **options: Any) -> None:
        """`words` is all that may stand here, enumerations of them will do; what is named twice counts once."""
        known: list[str | None] = [*dict.fromkeys(str(word) for word in words)]
        if options.get("allow_none"):
            known.append(None)
        super().__init__(metadata={**options.pop("metadata", {}), "enum": known}, **options)


class Instant(fields.Field[datetime]):
    """A moment as RFC 3339 writes it, with its zone; UTC inside and on the way out."""

    default_error_messages = {"invalid": "Not a moment with a zone (RFC 3339)."}  # noqa: RUF012  # as above

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.match(value):
            raise self.make_error("invalid")
        try:
            read = datetime.fromisoformat(value.upper()).astimezone(UTC)
            local_date(read)
        except (ValueError, OverflowError):  # the 30th of February; what lies before the year 1, or after 9999 in China
            raise self.make_error("invalid") from None
        return read


class Fen(fields.Integer):
    """An amount of money in fen, never a fraction."""

    def __init__(self, *, least: int = 0, most: int = MOST_FEN, **options: Any) -> None:
        """Between `least` and `most`, both included."""
        super().__init__(strict=True, validate=validate.Range(least, most), **options)


class Version(fields.Integer):
    """How often a thing was changed, beginning with 1."""

    def __init__(self, **options: Any) -> None:
        """Takes what every field takes."""
        super().__init__(strict=True, validate=validate.Range(1, LARGEST), **options)


class QueryNumber(fields.Integer):
    """A whole number written in a query: ASCII digits and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> int:
        if not isinstance(value, str) or not _WHOLE.match(value):
            raise self.make_error("invalid")
        return int(value)


def describe(_converter: Any, field: Any, ret: dict[str, Any], **_: Any) -> dict[str, Any]:
    """How the OpenAPI document describes the fields above (an attribute function of apispec's converter).

    `load_default=None` says how we see an absent value, not that null may be sent: it is no default to a caller.
    Patterns are written as ECMA-262 does (JSON Schema): it knows no \\A and \\Z, and its $ lets no line end through.
    """
    if "pattern" in ret:
        ret["pattern"] = ret["pattern"].replace(r"\A", "^").replace(r"\Z", "$")
    if ret.get("default", ...) is None:
        del ret["default"]
    if isinstance(field, PublicIdField):
        return {"type": _or_null("string", field), "pattern": f"^{field.prefix}_[0-9a-v]+$", "maxLength": 80}
    if isinstance(field, Instant):
        return {"type": _or_null("string", field), "format": "date-time"}
    if isinstance(field, Fen):
        return {"description": IN_FEN}
    return {}


def _or_null(kind: str, field: Any) -> str | list[str]:
    return [kind, "null"] if field.allow_none else kind
