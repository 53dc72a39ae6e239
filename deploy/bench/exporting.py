"""The export of everything about somebody whose journal is long: from their wish until it can be fetched."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.unit import Unit, run
from app.identity.api import PERSON
from deploy.bench.measure import Figures, Meter, play
from deploy.demo.people import Person

PEOPLE = 8
ENTRIES = 1000
EACH = 250
"""Entries of one commit."""
PATIENCE = 60
LOOK_SECONDS = 0.02
TYPE = "allergy.stated"
"""An entry of one's own journal; which one does not matter."""


def live_long(people: Sequence[Person]) -> None:
    """Each of `people`, who are signed in, gets a journal of `ENTRIES` entries more."""
    for one in people:
        scope = PublicId.parse(one.do("GET", "/me")["id"], PERSON).scope
        for _ in range(ENTRIES // EACH):
            run(scope, _happen)


def _happen(opened: Unit) -> None:
    for _ in range(EACH):
        record(opened, TYPE, PublicId("alg", opened.scope, new_id()), 1, {"state": "active"})


def export(people: Sequence[Person], meter: Meter, settled: Callable[[], None]) -> Figures:
    """One after another asks for everything about themselves; how long until it can be fetched, and what it costs,
    with the questions whether it is there yet.
    """
    figures = Figures()

    def act(number: int) -> None:
        _wait(people[number], people[number].do("POST", "/me/exports")["id"])

    with meter.counting(figures, len(people), settled):
        taken = play(act, len(people), 1)
    return {"cpu_ms": figures["cpu_ms"], "p50_ms": round(median(taken), 1), "most_ms": round(max(taken), 1)}


def _wait(person: Person, wish: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while person.do("GET", f"/me/exports/{wish}")["state"] != "ready":
        if time.monotonic() > deadline:
            raise TimeoutError("the export is not made")
        time.sleep(LOOK_SECONDS)
