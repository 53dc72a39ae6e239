"""The queries of this slice that are more than one row by its id."""

from datetime import date
from typing import Any

from sqlalchemy import case, or_, update
from sqlalchemy.dialects.postgresql import insert

from app.core.unit import Unit
from app.residents.models import PersonCard, Resident

UNVERIFIED = "unverified"
VERIFIED = "verified"
BOUND = "bound"
UNBOUND = "unbound"
TRIES = 5
"""Verifications that one person may try on one local date."""
CARD_TRIES = 20
"""Cards that one person may try to bind on one local date."""


def resident(opened: Unit, *, lock: bool = False) -> Resident | None:
    """The resident of the unit's person."""
    query = opened.select(Resident)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return opened.first(query)


def locked_resident(opened: Unit) -> Resident:
    """The resident, who is known to be there, held until the unit ends."""
    row = resident(opened, lock=True)
    if row is None:
        raise LookupError("the resident's row is gone")
    return row


def spend_try(opened: Unit, today: date) -> tuple[int, int] | None:
    """Take one of the tries that an unverified resident has on `today`; their row is made at the first.

    Returns how many are spent, with this one, and the row's version; None where none is left or nothing is to be tried.
    """
    fresh = insert(Resident).values(
        person_id=opened.scope.require_person(), state=UNVERIFIED, tries_on=today, tries=1, card_tries=0, version=1
    )
    spent = fresh.on_conflict_do_update(
        index_elements=["person_id"],
        set_={
            "tries": case((Resident.tries_on == today, Resident.tries + 1), else_=1),
            "tries_on": today,
            "version": Resident.version + 1,
        },
        where=(Resident.state == UNVERIFIED) & or_(Resident.tries_on != today, Resident.tries < TRIES),
    ).returning(Resident.tries, Resident.version)
    return _pair(opened, spent)


def spend_card_try(opened: Unit, today: date) -> tuple[int, int] | None:
    """Take one of the tries that a resident has on `today` to bind a card, as `spend_try` does."""
    mine = (Resident.person_id == opened.scope.require_person(), Resident.state == VERIFIED)
    left = or_(Resident.card_tries_on.is_(None), Resident.card_tries_on != today, Resident.card_tries < CARD_TRIES)
    counted = case((Resident.card_tries_on == today, Resident.card_tries + 1), else_=1)
    change = update(Resident).where(*mine, left)
    spent = change.values(card_tries=counted, card_tries_on=today, version=Resident.version + 1)
    return _pair(opened, spent.returning(Resident.card_tries, Resident.version))


def spend_family_try(opened: Unit, today: date, most: int) -> tuple[int, int] | None:
    """Take one of the `most` tries that a resident has on `today` to register a child, as `spend_try` does."""
    mine = (Resident.person_id == opened.scope.require_person(), Resident.state == VERIFIED)
    is_today = Resident.family_tries_on == today
    left = or_(Resident.family_tries_on.is_(None), Resident.family_tries_on != today, Resident.family_tries < most)
    counted = case((is_today, Resident.family_tries + 1), else_=1)
    change = update(Resident).where(*mine, left)
    spent = change.values(family_tries=counted, family_tries_on=today, version=Resident.version + 1)
    return _pair(opened, spent.returning(Resident.family_tries, Resident.version))


def bound_card(opened: Unit, digest: str) -> PersonCard | None:
    """The card that is bound to the unit's person under that digest."""
    query = opened.select(PersonCard).where(PersonCard.digest == digest, PersonCard.state == BOUND)
    return opened.first(query)


def bound_cards(opened: Unit) -> list[PersonCard]:
    """Every card that is bound to the unit's person."""
    return opened.all(opened.select(PersonCard).where(PersonCard.state == BOUND))


def _pair(opened: Unit, statement: Any) -> tuple[int, int] | None:
    found = opened.session.execute(statement.execution_options(synchronize_session=False)).first()
    return (found[0], found[1]) if found else None
