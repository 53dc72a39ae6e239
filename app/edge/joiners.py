"""Where the two characters that join letters or keep them apart do what they are for; elsewhere they only hide."""

import re
import unicodedata

NON_JOINER, JOINER = "\u200c", "\u200d"
JOINERS = frozenset({NON_JOINER, JOINER})
_VIRAMA = 9
"""The combining class of the signs after which Indic scripts join (Unicode, chapter 4.3)."""
_JOINS_ON = re.compile(
    "[\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649\u064a\u066e\u066f\u0678-\u0687\u069a-\u06bf"
    "\u06c1\u06c2\u06cc\u06ce\u06d0\u06d1\u06fa-\u06fc\u06ff]"
)
"""The letters of the block Arabic that join the next one (dual-joining): not alef, dal, reh, waw and their kin."""
_IS_JOINED = re.compile(
    "[\u0620\u0622-\u063f\u0641-\u064a\u066e\u066f\u0671-\u0673\u0675-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff]"
)
"""The letters of that block which the one before joins: all but the hamza that stands alone."""
_EMOJI = re.compile("[\u2194\u2195\u2600-\u27bf\u2b1b\U0001f300-\U0001faff]")
"""What emoji are made of that are joined, shades of skin included: no sign of arithmetic, no radical."""


def needed(text: str, at: int) -> bool:
    """Whether the joiner in place `at` changes what is seen: after a virama, between Arabic letters, or in an emoji.

    Close to CONTEXTJ (RFC 5892, A.1 and A.2), and to the sequences of UTS 51.
    """
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before or not after:
        return False
    if unicodedata.combining(before) == _VIRAMA:
        letter, script = _bearer(text, at - 1), _script(before)
        own = unicodedata.category(letter) == "Lo" and _script(letter) == script
        return own and (text[at] == JOINER or _script(after) == script)
    rules = (_JOINS_ON, _IS_JOINED) if text[at] == NON_JOINER else (_EMOJI, _EMOJI)
    return bool(rules[0].match(_bearer(text, at)) and rules[1].match(after))


def _bearer(text: str, at: int) -> str:
    """What stands before place `at` and bears the marks between; a mark (or a joiner) where nothing does."""
    while at > 1 and unicodedata.bidirectional(text[at - 1]) == "NSM":
        at -= 1
    return text[max(at - 1, 0)]


def _script(character: str) -> str:
    """The first word of the character's name."""
    return unicodedata.name(character, "").partition(" ")[0]
