"""Public ids of this slice, made from rows, and who looks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, cast

from sqlalchemy import Table, bindparam, or_, select

from app.core.errors import Forbidden, NotFound
from app.core.glances import Glance
from app.core.ids import PublicId
from app.core.questions import Question
from app.core.scope import Scope, ScopeKind
from app.core.seeing import seen
from app.core.unit import Unit
from app.visits.models import Visit, VisitPicture
from app.visits.names import DUTY, PICTURE_ID, PURPOSE, VISIT_ID
from app.visits.purposes import AFTERCARE, INSPECTS, TREATS
from tenants.api import Viewer, mark, with_mark

_VISITS = cast(Table, Visit.__table__)
_ONE = (_VISITS.c.tenant_id == bindparam("owner"), _VISITS.c.id == bindparam("of_id"))
_READ = select(_VISITS, TREATS).where(*_ONE)
_AGAIN = Question(ScopeKind.TENANT, with_mark(select(_VISITS).where(*_ONE, TREATS), _VISITS))
"""A visit that its doctor may read now, and looked at already: then nothing is to be written."""
_TREATED, _INSPECTED = _READ.where(TREATS), _READ.where(or_(TREATS, INSPECTS))
INSPECT = "visits.inspect"
"""What somebody may who reads visits for a duty of medical affairs."""
CONCLUDE = "visits.conclude"
"""What somebody may who ends visits that their doctors left open."""


def visit_public_id(visit: Visit) -> PublicId:
    """A visit's public id."""
    return PublicId(VISIT_ID, Scope.for_tenant(visit.tenant_id), visit.id)


def picture_public_id(picture: VisitPicture) -> PublicId:
    """A picture's public id."""
    return PublicId(PICTURE_ID, Scope.for_tenant(picture.tenant_id), picture.id)


@dataclass(frozen=True)
class Seen:
    """A visit that was found, not to be changed, and the purpose for which staff may read it."""

    visit: Visit
    purpose: str


@dataclass(frozen=True)
class VisitViewer(Viewer):
    """Who asks for a visit: a resident as themself, or a member of a tenant's staff."""

    inspector: bool = False
    """Whether they may read visits for a duty of medical affairs."""

    def visit(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Visit:
        """The visit that they may change: its resident's, its doctor's; raises NotFound, Forbidden for other staff."""
        mine = Visit.doctor_id == self.staff_id if self.of_tenant else Visit.resident_id == self.scope.person
        query = unit.select(Visit).where(Visit.id == known.id, mine)
        locking = query.with_for_update().execution_options(populate_existing=True)
        found = unit.first(locking if lock else query)
        if found is None:
            self._refuse(unit, known)
        return found

    def again(self, known: PublicId) -> Visit | None:
        """The visit for its doctor who may read it now and whose look at its resident is marked.

        Raises NotFound, and Forbidden for a system of the tenant.
        """
        if not self.of_tenant:
            return None
        reading = Glance(self.at(known))
        found = reading.ask(_AGAIN, self._asked(known, reading.now) | mark(self.by.actor, PURPOSE, reading.now))
        return _row(found) if found else None

    def readable(self, unit: Unit, known: PublicId) -> Seen:
        """The visit as they may read it: the resident's own, or staff's for a purpose that holds now.

        Raises NotFound, and Forbidden for staff: `purpose_ended` where it was theirs to read.
        """
        if not self.of_tenant:
            return Seen(self.visit(unit, known), PURPOSE)
        asked = self._asked(known, unit.now) | {"owner": unit.scope.require_tenant()}
        found = unit.execute(_INSPECTED if self.inspector else _TREATED, asked).first()
        if found is None:
            self._refuse(unit, known)
        *columns, treating = found
        return Seen(_row(columns), PURPOSE if treating else DUTY)

    def _asked(self, known: PublicId, now: datetime) -> dict[str, Any]:
        return {"of_id": known.id, "of_staff": self.staff_id, "ended_since": now - AFTERCARE, "now": now}

    def _refuse(self, unit: Unit, known: PublicId) -> NoReturn:
        """Say why the visit was not found, without reading it."""
        query = select(Visit.doctor_id).where(
            Visit.tenant_id == unit.scope.require_tenant(), Visit.id == known.id
        )  # fmt: skip
        doctor = unit.session.scalars(query).first() if self.of_tenant else None
        if doctor is None:
            raise NotFound
        if doctor == self.staff_id:
            raise Forbidden("nothing that is open hangs on it any more", code="purpose_ended")
        raise Forbidden("only the doctor who was chosen can do this")


def _row(columns: Sequence[Any]) -> Visit:
    return seen(Visit, _VISITS.c.keys(), columns)
