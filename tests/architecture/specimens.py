"""How to make a thing for each kind of id that a path may take.

A new `<thing_id>` in a path asks for a line here: a function that makes one in `scope`, which is a fresh tenant or
person of its own, and returns its public id. It gets the ids made so far for the same path, in their order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.core.ids import PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.core.unit import run
from tenants.models import Application
from tenants.names import APPLICATION_ID
from tests.dummy.models import Note

Made = Mapping[str, str]


@dataclass(frozen=True)
class Specimen:
    """In what kind of scope a thing lives, and how to make one there."""

    make: Callable[[Scope, Made], str]
    kind: ScopeKind = ScopeKind.TENANT


def note(scope: Scope, made: Made) -> str:
    """A note of the dummy slice."""
    row = Note(id=new_id(), resident_id=new_id(), words="x", state="sent", version=1)
    return str(PublicId("note", scope, run(scope, lambda opened: opened.add(row)).id))


def application(scope: Scope, made: Made) -> str:
    """An organization's application."""

    def make() -> Application:
        return run(
            scope,
            lambda opened: opened.add(
                Application(
                    id=new_id(), resident_id=new_id(), name="x", kind="pharmacy", documents=[], state="submitted",
                    version=1, submitted_at=opened.now,
                )
            ),
        )  # fmt: skip

    return str(PublicId(APPLICATION_ID, scope, make().id))


SPECIMENS: Mapping[str, Specimen] = {
    "note_id": Specimen(note),
    "application_id": Specimen(application),
}

NOT_IDS: Mapping[str, str] = {
    "name": "a file of the pages that describe the API, the same for everybody",
}
"""Parameters of GET paths that name no row, each with the reason why a stranger may send them."""

PUBLISHED: Mapping[str, str] = {}
"""Paths with an id that everybody may read, each with the reason."""
