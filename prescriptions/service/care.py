"""What a doctor has to know of a resident before prescribing, from the resident's own scope."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Text, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.seeing import Seeing
from app.core.unit import Caller, Unit, unit
from app.residents.api import Verified, allergies, look_for_care, verified
from prescriptions.content import groups_kept
from prescriptions.models.prescribing import PersonPrescription
from prescriptions.names import PURPOSE
from prescriptions.rules.prescriptions import CURRENT

_CURRENT = sorted(state.value for state in CURRENT)
_TAKEN = Seeing(
    PersonPrescription,
    PersonPrescription.covers_until >= bindparam("today"),
    PersonPrescription.state == any_(bindparam("current", type_=ARRAY(Text()))),
    PersonPrescription.id != bindparam("apart_from"),
)


@dataclass(frozen=True)
class Care:
    """Who a resident is, what they do not tolerate (ATC codes), and what they take now, wherever it was prescribed."""

    resident: Verified = field(repr=False)
    allergies: frozenset[str] = field(repr=False)
    taken: frozenset[str] = field(repr=False)


def care_for(resident: Scope, about: PublicId, by: Caller) -> Care:
    """What to know of the person of the scope `resident`, read for `about`; the look stands in their own journal.

    Where `about` is a prescription, it is not counted among what they take. A unit of its own, before the tenant's:
    called outside any. Raises Forbidden `resident_unverified`.
    """
    with unit(resident, by) as reading:
        look_for_care(reading, PURPOSE, about)
        return Care(verified(reading), allergies(reading), _taken(reading, local_date(reading.now), about.id))


def _taken(reading: Unit, today: date, apart_from: uuid.UUID) -> frozenset[str]:
    taken = _TAKEN.all(reading, today=today, current=_CURRENT, apart_from=apart_from)
    return frozenset[str]().union(*(groups_kept(reading, row) for row in taken))
