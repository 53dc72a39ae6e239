"""Tables of cases in one test: as tests of their own most would cost ten times what they check."""

import re
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def let_through(
    act: Callable[[Cell], object], cells: Iterable[Cell], error: type[Exception] = ValueError, match: str = ""
) -> set[Cell]:
    """The cells that `act` does not refuse with an `error` whose text has a `match`; another error is raised on."""
    return {cell for cell in cells if not refuses(act, cell, error, match)}


def refuses(act: Callable[[Cell], object], cell: Cell, error: type[Exception], match: str) -> bool:
    try:
        act(cell)
    except error as refusal:
        return bool(re.search(match, str(refusal)))
    return False
