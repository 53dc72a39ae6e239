"""Reading JSON from outside as I-JSON (RFC 7493): no name twice, no number that others would read differently, no text
that a database, a document or an XML parser would refuse, and no depth without end.

What is no JSON at all is `Malformed` (400); JSON that breaks these rules is `InvalidInput` (422), each fault with its
JSON Pointer (RFC 6901).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NoReturn

from app.core.errors import Fault, InvalidInput, Malformed

DEEPEST = 32
"""Levels of nesting; the deepest payload of the API has fewer than ten."""
LARGEST = 2**53 - 1
"""The largest integer that every JSON reader keeps exact."""
LONGEST_NAME = 200
MOST_FAULTS = 50
_DIGITS = 17
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TOO_DEEP = f"nested too deeply: at most {DEEPEST} levels"
_TOO_LARGE = f"too large: whole numbers are from -{LARGEST} to {LARGEST}"


class _Object(dict[str, Any]):
    """A JSON object that remembers which names it was given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.doubled: set[str] = set()
        if len(self) < len(pairs):
            self.doubled = {name for name, times in Counter(name for name, _ in pairs).items() if times > 1}


def parse(body: bytes) -> Any:
    """The value in `body`; raises Malformed (`malformed_json`) and InvalidInput."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_Object, parse_int=_whole, parse_constant=_no_json)
    except RecursionError:
        raise InvalidInput(faults=(Fault("", "depth", _TOO_DEEP),)) from None
    except ValueError:
        raise Malformed("send JSON (RFC 8259) in UTF-8", code="malformed_json") from None
    refuse(_faults(value, "", 0))
    return value


def refuse(faults: Iterable[Fault]) -> None:
    """Raise InvalidInput where there is any fault, with the first few of them."""
    if found := tuple(islice(faults, MOST_FAULTS)):
        raise InvalidInput(faults=found)


def pointer_to(parent: str, name: object) -> str:
    """The JSON Pointer of member `name` of the value at `parent`."""
    return f"{parent}/{str(name).replace('~', '~0').replace('/', '~1')}"


def text_faults(text: str, pointer: str) -> Iterator[Fault]:
    """What is wrong with `text` as text: control characters, lone surrogates, noncharacters."""
    if _UNFIT.search(text):
        yield Fault(pointer, "text", "holds a control character or half of a surrogate pair")


def _whole(digits: str) -> int | float:
    number = int(digits) if len(digits) <= _DIGITS else math.inf
    return number if abs(number) <= LARGEST else math.inf


def _no_json(constant: str) -> NoReturn:
    raise ValueError(constant)


def _faults(value: Any, pointer: str, depth: int) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield Fault(pointer, "depth", _TOO_DEEP)
    elif isinstance(value, str):
        yield from text_faults(value, pointer)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Fault(pointer, "number", _TOO_LARGE)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _faults(member, pointer_to(pointer, index), depth + 1)
    elif isinstance(value, _Object):
        yield from _object_faults(value, pointer, depth)


def _object_faults(value: _Object, pointer: str, depth: int) -> Iterator[Fault]:
    for name, member in value.items():
        if len(name) > LONGEST_NAME or _UNFIT.search(name):
            told = f"a name of this object is longer than {LONGEST_NAME} characters or holds a control character"
            yield Fault(pointer, "name", told)
            continue
        if name in value.doubled:
            yield Fault(pointer_to(pointer, name), "once", "given more than once")
        yield from _faults(member, pointer_to(pointer, name), depth + 1)
