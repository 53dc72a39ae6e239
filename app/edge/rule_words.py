"""The stable words for what a schema finds wrong: marshmallow tells it in sentences, which its releases may change."""

import re

FORM = "form"
"""The rule of a value that has the right type and is not written as it must be, or does not fit its neighbours."""
MEANINGS = {
    "required": "The member is missing.",
    "unknown_field": "There is no such member here.",
    "null": "null stands where a value must.",
    "type": "A value of another JSON type is asked for: text, whole number, true or false, list, object.",
    "length": "A text or list is too short or too long.",
    "range": "A number is too small or too large.",
    "choice": "The value is none of those that may stand here.",
    "pattern": "A text is not written as the pattern of the OpenAPI document asks.",
    "blank": "A text is nothing but white space.",
    "unseen": "A text holds a character that is not shown, or a line or paragraph separator (U+2028, U+2029).",
    "id": "The text is no id of the kind that belongs here.",
    "moment": "The text is no moment with its zone (RFC 3339).",
    FORM: "The value is not of the form that belongs here, or does not fit its neighbours; the detail says how.",
    "once": "A member of an object, or a name of the query, is given more than once.",
    "text": "A text holds a control character or half of a surrogate pair.",
    "name": "A name of an object is too long, or holds a control character.",
    "number": "A number is beyond 2^53 - 1, which others read differently.",
    "depth": "Values are nested more than 32 levels deep.",
}
"""What each rule of reading says that was broken; the other rules are those of what is done with the content."""
_WORDS = [
    (re.compile(pattern), word)
    for pattern, word in (
        (r"Missing data for required field", "required"),
        (r"Unknown field", "unknown_field"),
        (r"Field may not be null", "null"),
        (r"Not a valid (string|utf-8 string|integer|number|boolean|list|mapping type|tuple)\.", "type"),
        (r"(Invalid( input)? type|Send a JSON object)", "type"),
        (r"(Shorter than|Longer than|Length must be)", "length"),
        (r"(Must be (greater|less) than|Number too large)", "range"),
        (r"Must be (one of|equal to)", "choice"),
        (r"String does not match", "pattern"),
        (r"Blank\.", "blank"),
        (r"A character that is not shown", "unseen"),
        (r"Not an id of this kind", "id"),
        (r"Not a moment", "moment"),
    )
]


def word_of(message: str) -> str:
    """The stable word for what `message` says; FORM where it is a sentence of a schema's own."""
    return next((word for pattern, word in _WORDS if pattern.match(message)), FORM)
