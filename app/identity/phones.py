"""Phone numbers and codes as people type them, and as they are kept. Pure."""

import re
import unicodedata

_FILLERS = re.compile(r"[\s().-]")
_CHINESE_MOBILE = re.compile(r"\+861[3-9][0-9]{9}")
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{6,14}")
_CODE = re.compile(r"[0-9]{6}")


def parse_phone(text: str) -> str:
    """`text` in E.164; raises ValueError with a sentence for whoever typed it.

    Full-width characters, spaces, hyphens, dots and brackets are forgiven, `00` is read as `+`, and eleven digits
    beginning with 1 are a mobile number of mainland China.
    """
    plain = without_fillers(text)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    elif plain.startswith("1"):
        plain = f"+86{plain}"
    if not (_CHINESE_MOBILE.fullmatch(plain) or _ABROAD.fullmatch(plain)):
        raise ValueError("Not a mobile number of mainland China, nor one with + and a country code.")
    return plain


def language_of_number(phone: str) -> str:
    """Chinese for numbers (E.164) of mainland China, else English: where nobody has said in which language."""
    return "zh-CN" if phone.startswith("+86") else "en"


def parse_code(text: str) -> str:
    """The six digits of a one-time code, full-width ones and spaces forgiven; raises ValueError."""
    plain = without_fillers(text)
    if not _CODE.fullmatch(plain):
        raise ValueError("Not the six digits of a code.")
    return plain


def without_fillers(text: str) -> str:
    """`text` in plain characters alone: without what people type between them, and none of full width."""
    return _FILLERS.sub("", unicodedata.normalize("NFKC", text))
