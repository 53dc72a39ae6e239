"""What tests of the machinery look at, and wait for."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, open_chain, record
from app.core.journal.seal import seal
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from tests.dummy.service import RELAY, SENT, TAKEN, send_note
from tests.platform import Platform

PUBLIC = frozenset({SENT, TAKEN})
BY = Caller("system:test")
WAIT_SECONDS = 20


def eventually(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Return once `condition()` holds; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition never held")
        time.sleep(0.025)


def rows(platform: Platform, query: str, *values: Any) -> list[Any]:
    """What the administrator reads; a change is committed."""
    cursor = platform.looking.execute(query.encode(), values)
    return cursor.fetchall() if cursor.description else []


def new_person() -> Scope:
    """A fresh person with an empty journal."""
    scope = Scope.for_person(new_id())
    run(scope, open_chain)
    return scope


def seal_all(platform: Platform, scope: Scope) -> int:
    """Seal until nothing waits in `scope`; returns how many entries."""
    total = 0
    while sealed := seal(scope, PUBLIC, platform.sealing):
        total += sealed
    return total


def own(platform: Platform, scope: Scope, columns: str, table: str, order: str = "1") -> list[Any]:
    """`columns` of the rows that `scope` has in `table`, or in its twin for persons."""
    family, owner = ("", "tenant_id") if scope.tenant else ("person_", "person_id")
    query = f"SELECT {columns} FROM {family}{table} WHERE {owner} = %s ORDER BY {order}"  # noqa: S608  # our own words
    return rows(platform, query, scope.tenant or scope.person)


def chain(platform: Platform, scope: Scope) -> list[Any]:
    """The sealed entries of `scope`: seq, id, subject, subject_version, text, hash."""
    return own(platform, scope, "seq, id, subject, subject_version, text, hash", "journal")


def note_relays(giver: Scope, taker: Scope, words: Sequence[str], subject: PublicId | None = None) -> PublicId:
    """Let `giver` offer each of `words` to `taker`, in that order, as versions of one subject."""
    about = subject or PublicId("note", giver, new_id())

    def work(unit: Unit) -> None:
        for version, word in enumerate(words, 1):
            record(unit, SENT, about, version, {"length": len(word)}, [Outgoing(taker, RELAY, {"words": word})])

    run(giver, work, BY)
    return about


def send_notes(giver: Scope, taker: Scope, words: Sequence[str]) -> None:
    """Send a note for each of `words`."""
    for word in words:
        send_note(giver, taker, word, BY)


def copies(platform: Platform, taker: Scope) -> list[str]:
    """The words of the copies that `taker` keeps, in the order of taking."""
    return [row[0] for row in own(platform, taker, "words", "dummy_copies", order="id")]
