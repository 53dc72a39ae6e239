"""Who gives a consent in a person's place: a guardian, and only under 14 (个人信息保护法, article 31)."""

import uuid
from datetime import date

from app.core.calendar import local_date
from app.core.errors import Forbidden
from app.core.unit import Unit
from app.identity.api import who_acts
from app.residents.family.models import Representation
from app.residents.family.rules import Kind, State
from app.residents.rules.ages import CONSENTS, is_of_age


def guardian(opened: Unit, born: date) -> uuid.UUID | None:
    """Which guardian gives it for the unit's person, who was born on that day; None where they do it themself.

    The guardianship is held until the unit's end, so that it does not end meanwhile. Raises Forbidden
    `consent_own` for a proxy, and for a guardian of somebody who is 14.
    """
    actor = who_acts(opened.by)
    if actor is None:
        return None
    acting = opened.select(Representation).where(
        Representation.actor_id == actor, Representation.kind == Kind.GUARDIAN, Representation.state == State.ACTIVE
    )
    if is_of_age(born, CONSENTS, local_date(opened.now)) or opened.first(acting.with_for_update()) is None:
        raise Forbidden("they consent themself; only under 14 a guardian does", code="consent_own")
    return actor
