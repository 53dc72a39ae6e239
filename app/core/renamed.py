"""Words of a column that are called otherwise now, while processes of the release before know the former ones alone.

It takes three releases. The first admits both words, goes on writing the former and reads either as the new one: the
processes of the release before understand every row, and those of the first every row of the next one. The second's
migration renames the rows, and it writes the new word; it reads either, because processes of the first still write the
former. The third's migration renames what those wrote meanwhile, and `Renamed` is gone. A word that no release ever
wrote is simply another.
"""

from typing import Any

from sqlalchemy import BindParameter, Text, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator


class Renamed(TypeDecorator[str]):
    """A word of which `former` is read as `later`; `later` is written as `former`."""

    impl = Text
    cache_ok = True

    def __init__(self, former: str, later: str) -> None:
        """Both may stand in the column."""
        super().__init__()
        self.former, self.later = former, later

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is stored of a word, as the release before knows it."""
        return self.former if value == self.later else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """What a reader gets for a stored word."""
        return self.later if value == self.former else value


def stored(column: InstrumentedAttribute[Any], *words: str) -> list[BindParameter[str]]:
    """What may stand in `column`, which is `Renamed`, for any of `words`: for conditions of queries."""
    kind = column.type
    if not isinstance(kind, Renamed):
        raise TypeError("nothing of this column is renamed")
    both = [*words, *([kind.former] if kind.later in words else [])]
    return [literal(str(word), Text()) for word in both]
