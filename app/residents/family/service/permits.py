"""That an operator saw the papers of somebody who asks for an account that guardians opened: they may take it over."""

import uuid
from datetime import timedelta

from app.core.unit import Unit
from app.identity.api import locked_person
from app.residents.family.models import ClaimPermit

OPEN_FOR = timedelta(days=7)
"""How long whose papers were seen has to take the account over."""


def is_unclaimed(opened: Unit) -> bool:
    """Whether nobody ever signed in to the account of the unit's person, which guardians opened."""
    row = locked_person(opened)
    return row is not None and row.phone is None and row.parted_at is None and row.closed_as is None


def permit(opened: Unit, case: uuid.UUID, claimant: uuid.UUID) -> None:
    """Let `claimant` take the account of the unit's person over; the asker's entry says that their papers fitted."""
    opened.add(ClaimPermit(id=case, claimant_id=claimant, due_at=opened.now + OPEN_FOR))


def use_permit(opened: Unit, claimant: uuid.UUID) -> bool:
    """Whether `claimant` may, once."""
    mine = opened.select(ClaimPermit).where(ClaimPermit.claimant_id == claimant, ClaimPermit.due_at > opened.now)
    found = opened.all(mine.with_for_update())
    for row in found:
        opened.session.delete(row)
    return bool(found)
