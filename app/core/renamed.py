"""Words of a column that are called otherwise now, while processes of the release before still write the former ones.

The migration of the release that renames a word has the column's check admit both and leaves the rows alone: so
processes of the release before go on writing, and this release reads what they wrote. What this release writes under
the new word they do not know: a row that has it is an error to them until they have ended. The former word goes with
the release after it, whose migration renames the rows and whose model takes `Renamed` away.
"""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator


class Renamed(TypeDecorator[str]):
    """A word, of which `former` is read as `later`; what is written is written as it is."""

    impl = Text
    cache_ok = True

    def __init__(self, former: str, later: str) -> None:
        """Both may stand in the column."""
        super().__init__()
        self.former, self.later = former, later

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """What a reader gets for a stored word."""
        return self.later if value == self.former else value


def stored(column: InstrumentedAttribute[Any], *words: str) -> list[str]:
    """What may stand in `column`, which is `Renamed`, for any of `words`: for conditions of queries."""
    kind = column.type
    if not isinstance(kind, Renamed):
        raise TypeError("nothing of this column is renamed")
    return [*words, *([kind.former] if kind.later in words else [])]
