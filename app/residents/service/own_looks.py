"""Looks that are made in the person's own scope: by those who treat them, and by those to whom records are opened."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.looks import LOOK_ID, MARK_KEPT, READ, quarter_of
from app.core.unit import Unit
from app.residents.allergy_models import CareLook
from app.residents.rules.access_words import CARE, EXTRACT, SHARED, Kind
from app.residents.rules.consents import Category
from app.residents.service.accesses import note_own

_LOOKS = cast(Table, CareLook.__table__)
_MARK = insert(_LOOKS).on_conflict_do_nothing().returning(_LOOKS.c.id)


def look_for_care(opened: Unit, purpose: str, about: PublicId) -> bool:
    """Note in the person's own journal that the unit's author, who treats them, reads what they keep.

    The first look in a quarter of an hour is an entry; returns whether this one was. `about` is what it was for.
    """
    return _look(opened, purpose, purpose, CARE, about)


def look_at_shared(opened: Unit, category: Category, purpose: str, about: PublicId) -> bool:
    """The same of a category of the person's records; `about` is the consent or the emergency that opened it.

    The person finds it in their access log at once: it is noted in the unit that says whether it is allowed. Each
    category has marks of its own.
    """
    return _look(opened, purpose, f"{purpose}:{category}:{about.id}", SHARED[category], about)


def look_for_research(opened: Unit, category: Category, purpose: str, about: PublicId) -> bool:
    """The same of a de-identified extract of one category; `about` is the project for which it is read."""
    return _look(opened, purpose, f"{purpose}:{category}:{about.id}", EXTRACT, about)


def _look(opened: Unit, purpose: str, mark: str, kind: Kind, about: PublicId) -> bool:
    own, quarter = new_id(), quarter_of(opened.now)
    row = {
        "person_id": opened.scope.require_person(), "id": own, "actor": opened.by.actor, "purpose": mark,
        "quarter": quarter, "due_at": quarter + MARK_KEPT,
    }  # fmt: skip
    if opened.execute(_MARK, row).first() is None:
        return False
    record(
        opened,
        READ,
        PublicId(LOOK_ID, opened.scope, own),
        1,
        {"purpose": purpose, "about": str(about), "kind": kind.code},
    )
    note_own(opened, own, purpose, kind, about)
    return True
