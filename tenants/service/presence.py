"""Proving presence once a shift, and asking for it where care is given online."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam

from app.core.errors import Forbidden, NotFound, Refused, TryLater, WrongState
from app.core.forgetting import forgetting
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.scope import Scope
from app.core.seeing import Seeing
from app.core.unit import Caller, Effect, Unit, run, unit
from tenants.connectors.face import CheckFace, FaceCheckUnavailable, Verdict
from tenants.models import Staff
from tenants.names import PRESENCE_ID
from tenants.practice_models import Presence
from tenants.presence_rules import Method, end_of
from tenants.viewing import staff_in

NEEDED = "presence_needed"
FACE_SECONDS = 30
"""After so long somebody whom no checker answered may try again."""
FORGETTING = forgetting("forget-presences", Presence)
_PRESENT = Seeing(
    Presence, Presence.staff_id == bindparam("of_staff"), Presence.due_at > bindparam("now"),
    order=[Presence.due_at.desc()], most=1,
)  # fmt: skip


@dataclass(frozen=True)
class Face:
    """What a face is checked with: who checks, and the capture to be checked."""

    check: CheckFace | None
    capture: str


def prove(scope: Scope, longest: timedelta, by: Caller, effect: Effect | None = None) -> Presence:
    """Somebody who proved a second factor lately is present from now on, for `longest` at most.

    Raises Forbidden for a system of the tenant.
    """
    return run(scope, partial(_enter, staff_in(by.actor), Method.SECOND_FACTOR, longest), by, effect=effect)


def prove_by_face(
    scope: Scope, face: Face, longest: timedelta, by: Caller, effect: Effect | None = None
) -> Presence | Refused:
    """The same by a face check; another's face is refused and remembered.

    Raises Forbidden for a system of the tenant, TryLater `face_check_unavailable` where nobody checks now.
    """
    staff_id = staff_in(by.actor)
    with unit(scope, by) as reading:
        member = reading.get(Staff, staff_id)
    if member is None:
        raise NotFound
    verdict = _verdict(face, member)
    if verdict is Verdict.MATCH:
        return run(scope, partial(_enter, staff_id, Method.FACE, longest), by, effect=effect)
    return run(scope, partial(_remember, verdict), by, effect=effect)


def refuse_without_presence(opened: Unit, staff_id: uuid.UUID) -> None:
    """Raise WrongState `presence_needed` where that member of the unit's tenant has not proved that they work now."""
    if present(opened, staff_id) is None:
        raise WrongState("prove your presence for this shift first: POST /api/v1/presences", code=NEEDED)


def present(opened: Unit, staff_id: uuid.UUID) -> Presence | None:
    """The proof of that member's which holds now, to be seen."""
    return _PRESENT.first(opened, of_staff=staff_id, now=opened.now)


def own(scope: Scope, by: Caller) -> Presence:
    """The caller's own proof that holds now; raises NotFound."""
    with unit(scope) as reading:
        found = present(reading, staff_in(by.actor))
    if found is None:
        raise NotFound
    return found


def presence_id(row: Presence) -> PublicId:
    """A presence's public id."""
    return PublicId(PRESENCE_ID, Scope.for_tenant(row.tenant_id), row.id)


def _verdict(face: Face, member: Staff) -> Verdict:
    try:
        if face.check is None:
            raise FaceCheckUnavailable("nobody checks faces here")
        return face.check(face.capture, member.name, member.registration_number or "")
    except FaceCheckUnavailable as error:
        raise TryLater(
            "the face check does not answer", code="face_check_unavailable", retry_after=FACE_SECONDS
        ) from error


def _enter(staff_id: uuid.UUID, method: Method, longest: timedelta, opened: Unit) -> Presence:
    until, rule = end_of(opened.now, longest)
    row = opened.add(
        Presence(id=new_id(), staff_id=staff_id, method=method, proved_at=opened.now, due_at=until, ended_by=rule)
    )
    facts: Facts = {"staff": opened.by.actor, "method": method.value, "until": int(until.timestamp())}
    record(opened, "presence.proved", PublicId(PRESENCE_ID, opened.scope, row.id), 1, facts)
    return row


def _remember(verdict: Verdict, opened: Unit) -> Refused:
    facts: Facts = {"staff": opened.by.actor, "reason": verdict.value}
    record(opened, "presence.refused", PublicId(PRESENCE_ID, opened.scope, new_id()), 1, facts)
    return Refused(Forbidden("the face is not that of the member of the staff", code="face_not_matched"))
