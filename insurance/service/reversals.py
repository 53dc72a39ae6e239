"""What finance does about reversals that no scheme answered: they are asked for at once, or noted with a reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.paging import Keyset, Page
from insurance.errors import reversal_not_given_up
from insurance.models import Settlement
from insurance.rules.reversals import ReversedBy
from insurance.rules.settlements import Event
from insurance.service.moving import enter, require

_GIVEN_UP = Keyset("given_up_reversals", (Settlement.id,))


@dataclass(frozen=True)
class Word:
    """That a scheme has nothing of a settlement any more: how so, and under which reference the institution has it."""

    reversed_by: ReversedBy
    reference: str


def given_up(scope: Scope, asked: Mapping[str, Any]) -> Page[Settlement]:
    """The tenant's settlements whose reversal waits for people, oldest first; nothing clinical."""
    with unit(scope) as reading:
        return _GIVEN_UP.page(reading, reading.select(Settlement).where(Settlement.given_up_at.is_not(None)), asked)


def retry(known: PublicId, by: Caller, effect: Effect | None = None) -> Settlement:
    """Have the scheme asked at once, where it was asked first; without an answer the reversal is given up again.

    Raises NotFound, WrongState `reversal_not_given_up`.
    """

    def work(opened: Unit) -> Settlement:
        row = _taken_up(opened, known)
        row.due_at = opened.now
        enter(opened, row, "settlement.retried")
        return row

    return run(known.scope, work, by, effect=effect)


def note(known: PublicId, word: Word, by: Caller, effect: Effect | None = None) -> Settlement:
    """Note that the scheme took the settlement back past the connection: it is reversed, and nobody is asked again.

    The resident's money and the books are not touched: both went back when the reversal began. Raises NotFound,
    WrongState `reversal_not_given_up`.
    """

    def work(opened: Unit) -> Settlement:
        row = _taken_up(opened, known)
        row.reversed_by, row.reversal_reference = word.reversed_by, word.reference
        require(opened, row, Event.UNDONE, row.reason)
        return row

    return run(known.scope, work, by, effect=effect)


def _taken_up(opened: Unit, known: PublicId) -> Settlement:
    """A settlement whose reversal was given up and is not any more, held: of two who act one comes too late."""
    row = opened.get(Settlement, known.id, lock=True)
    if row is None:
        raise NotFound
    if row.given_up_at is None:
        raise reversal_not_given_up()
    row.given_up_at = None
    return row
