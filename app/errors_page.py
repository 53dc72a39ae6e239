"""The page of every code that a problem can have and of every rule that a fault can name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.error_codes import EVERYWHERE, Said

_CODES = """# Errors

Made by `python -m app.cli errors > docs/errors.md` from the code that raises them. Change that, then make the page
again.

Every error of the API is a problem (RFC 9457, `application/problem+json`). Decide by `code`: it never changes, while
`title` and `detail` may. `detail` says what is wrong in this very case; a word or number that only the case knows is
written … below. The last column says which part of the platform answers so: `everywhere` is any operation, `platform`
what several parts stand on. What the endpoints of OAuth and OpenID Connect answer is written in their own standards
(RFC 6749, RFC 6750, RFC 7009, RFC 7591).

## Codes

A status can have many codes, and a few codes have two: one says that you may not, one that the thing is not so now.
"""
_RULES = """
## Rules

`errors` of a problem names each fault: `pointer` (a JSON Pointer, RFC 6901) says where, `rule` which of these was
broken, `detail` what to do. With `prescription_blocked` and `findings_unanswered` the pointer is that of a line.
"""


def page(codes: Iterable[Said], rules: Iterable[Said]) -> str:
    """The page, in Markdown."""
    of_codes = _table(("status", "code", "meaning", "where"), _rows(codes))
    of_rules = _table(("rule", "meaning", "where"), (row[1:] for row in _rows(rules)))
    return "\n".join((_CODES, of_codes + _RULES, of_rules))


def _rows(said: Iterable[Said]) -> Iterator[tuple[str, ...]]:
    meanings, places = defaultdict[tuple[str, int], set[str]](set), defaultdict[tuple[str, int], set[str]](set)
    for one in said:
        meanings[one.word, one.status].add(one.meaning.rstrip("."))
        places[one.word, one.status].add(one.place)
    for word, status in sorted(meanings):
        meaning = "; or: ".join(sorted(filter(None, meanings[word, status])))
        where = places[word, status]
        yield str(status), f"`{word}`", meaning, EVERYWHERE if EVERYWHERE in where else ", ".join(sorted(where))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
