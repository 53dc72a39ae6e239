"""Emergency accesses: opened with a reason by a doctor, ended, reviewed by somebody else. The resident hears of it."""

import math
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.dialects.postgresql import insert

from app.core.calendar import day_begins, local_date, working_days_after
from app.core.errors import NotFound, Refused
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.identity.api import Role, is_closed
from app.records.content import seal_explanation, seal_findings
from app.records.errors import not_now, own_access, still_open, too_many, unfit
from app.records.models import EmergencyAccess, EmergencyTry
from app.records.names import EMERGENCY, EMERGENCY_ID, EMERGENCY_RELAY
from app.records.rules.emergencies import (
    EVENT_OF,
    MOST_A_DAY,
    OVERDUE_AGAIN,
    REVIEW_WITHIN,
    REVIEWED,
    Event,
    Reason,
    State,
    Verdict,
    move,
    present_state,
)
from app.records.service.showing import Detail, Shown, detail, shown
from app.residents.api import CardKind, find_by_card, find_by_number
from tenants.api import (
    STAFF_ID,
    Viewer,
    doctor_may_practise_any,
    look,
    profile_of,
    refuse_without_presence,
    remembering,
    same_person,
    somebody_as,
)

NOTHING_MORE: Facts = {}
EMERGENCY_KEPT = timedelta(days=3 * 366)
"""For how long after its review it is kept: as long as the resident can claim for it (Civil Code, article 188)."""


log = structlog.get_logger()


@dataclass(frozen=True)
class Document:
    """By what the resident is found: their identity card, where `card` is None, or a card that leads to them."""

    card: CardKind | None
    number: str = field(repr=False)
    issuer: int | None = None


@dataclass(frozen=True)
class Wish:
    """Why a doctor opens whose records."""

    document: Document
    reason: Reason
    explanation: str = field(repr=False)


def open_access(viewer: Viewer, wish: Wish, term: timedelta, effect: Effect | None = None) -> Shown | Refused:
    """Open a resident's records to the doctor for `term`, whoever keeps them. The resident hears of it at once.

    Refused is a document that leads to nobody: the try is written down, and counts as an opening. Raises WrongState
    `emergency_access_open`, or with what stands against the doctor (`refuse_unfit`), TooManyRequests
    `too_many_emergency_accesses`.
    """
    found = _found(wish.document)

    def work(opened: Unit) -> Shown | Refused:
        refuse_unfit(opened, viewer.staff_id)
        _refuse_too_many(opened, viewer.staff_id)
        if found is None:
            return _nobody(opened, viewer.staff_id, wish)
        row = _new(opened, viewer.staff_id, found, wish, term)
        look(opened, row.resident_id, EMERGENCY, emergency_id(row))
        enter(opened, row, "opened", {"privacy_officer": _has_officer(opened, row)})
        return shown(opened, row)

    with remembering(
        viewer.scope, "emergency_access.open", PublicId(STAFF_ID, viewer.scope, viewer.staff_id), viewer.by
    ):
        return run(viewer.scope, work, viewer.by, effect=effect)


def refuse_unfit(opened: Unit, doctor: uuid.UUID) -> None:
    """Raise WrongState where doctor or site may not treat anybody at this moment, or `presence_needed`: what may not be
    done with a consent may not be done without one.
    """
    against = doctor_may_practise_any(opened, doctor, local_date(opened.now))
    if against:
        raise unfit(against)
    refuse_without_presence(opened, doctor)


def close(viewer: Viewer, known: PublicId, effect: Effect | None = None) -> Shown:
    """Its doctor needs it no more. Raises NotFound, also to others, and WrongState."""

    def work(opened: Unit) -> Shown:
        row = opened.get(EmergencyAccess, known.id, lock=True)
        if row is None or row.staff_id != viewer.staff_id:
            raise NotFound
        _move(opened, row, Event.CLOSED)
        return shown(opened, row)

    return run(viewer.scope, work, viewer.by, effect=effect)


def review(viewer: Viewer, known: PublicId, verdict: Verdict, findings: str, effect: Effect | None = None) -> Detail:
    """A privacy officer says whether an access that has ended was justified. Raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> Detail:
        row = opened.get(EmergencyAccess, known.id, lock=True)
        if row is None:
            raise NotFound
        if same_person(opened, row.staff_id, viewer.staff_id):
            raise own_access()
        end_in_time(opened, row)
        row.reviewed_by, row.reviewed_at = viewer.staff_id, opened.now
        row.findings = seal_findings(opened, row.id, findings)
        _move(opened, row, EVENT_OF[verdict])
        return detail(opened, row)

    return run(viewer.scope, work, viewer.by, effect=effect)


def end_in_time(opened: Unit, row: EmergencyAccess) -> None:
    """End an access, which the unit holds locked, where its time is up and nobody has noticed."""
    if row.state == State.OPEN and present_state(State.OPEN, row.ends_at, opened.now) is State.ENDED:
        _move(opened, row, Event.TIME_UP)


def say_overdue(opened: Unit, row: EmergencyAccess) -> None:
    """Note that the review of an access, which the unit holds locked, is late; it is noted again until it is made."""
    row.due_at, row.version = opened.now + OVERDUE_AGAIN, row.version + 1
    enter(opened, row, "overdue")
    log.error("emergency_access_overdue", access=str(emergency_id(row)), review_by=row.review_by.isoformat())


def take_emergency(opened: Unit, relay: Incoming) -> Answer:
    """Note in the person's own journal what became of an emergency access to their records."""
    told = relay.payload
    about = PublicId(EMERGENCY_ID, relay.giver, uuid.UUID(told["id"]))
    record(opened, told["type"], about, told["version"], told["facts"])
    return {}


def emergency_id(row: EmergencyAccess) -> PublicId:
    """An emergency access's public id."""
    return PublicId(EMERGENCY_ID, Scope.for_tenant(row.tenant_id), row.id)


def enter(opened: Unit, row: EmergencyAccess, happened: str, more: Facts = NOTHING_MORE) -> None:
    """Write the entry that an access was opened, say, with `more` facts; its resident hears the same."""
    type = f"emergency_access.{happened}"
    facts: Facts = {"reason": row.reason, "state": row.state, "review_by": row.review_by.isoformat(), **more}
    person = Scope.for_person(row.resident_id)
    told = {"id": str(row.id), "type": type, "version": row.version, "facts": facts}
    about = emergency_id(row)
    record(
        opened, type, about, row.version, {**facts, "resident": str(person)},
        [Outgoing(person, EMERGENCY_RELAY, told)], whose=row.resident_id,
    )  # fmt: skip


def _found(document: Document) -> uuid.UUID | None:
    """Whom a document leads to, unless they died or gave up their account."""
    if document.card is None:
        found = find_by_number(document.number)
    else:
        found = find_by_card(document.card, document.number, document.issuer)
    if found is None:
        return None
    with unit(Scope.for_person(found)) as reading:
        return None if is_closed(reading) else found


def _refuse_too_many(opened: Unit, doctor: uuid.UUID) -> None:
    """Counted under the tenant's lock, so that openings at once are not each other's unseen."""
    profile_of(opened, lock=True)
    mine = (EmergencyAccess.staff_id == doctor, EmergencyAccess.opened_at >= day_begins(local_date(opened.now)))
    tried = (EmergencyTry.staff_id == doctor, EmergencyTry.due_at > opened.now)
    many = len(opened.all(opened.select(EmergencyAccess).where(*mine).limit(MOST_A_DAY)))
    many += len(opened.all(opened.select(EmergencyTry).where(*tried).limit(MOST_A_DAY)))
    if many >= MOST_A_DAY:
        raise too_many(math.ceil((_day_ends(opened) - opened.now).total_seconds()))


def _day_ends(opened: Unit) -> datetime:
    return day_begins(local_date(opened.now) + timedelta(days=1))


def _nobody(opened: Unit, doctor: uuid.UUID, wish: Wish) -> Refused:
    tried = opened.add(EmergencyTry(id=new_id(), staff_id=doctor, due_at=_day_ends(opened)))
    known = PublicId(EMERGENCY_ID, opened.scope, tried.id)
    record(opened, "emergency_access.nobody_found", known, 1, {"reason": wish.reason.value})
    return Refused(NotFound("the document leads to nobody"))


def _new(opened: Unit, doctor: uuid.UUID, resident: uuid.UUID, wish: Wish, term: timedelta) -> EmergencyAccess:
    _end_former(opened, doctor, resident)
    id, now = new_id(), opened.now
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": id, "resident_id": resident, "staff_id": doctor,
        "reason": wish.reason, "explanation": seal_explanation(opened, id, wish.explanation), "state": State.OPEN,
        "opened_at": now, "ends_at": now + term, "due_at": now + term, "version": 1,
        "review_by": working_days_after(local_date(now), REVIEW_WITHIN),
    }  # fmt: skip
    made = insert(EmergencyAccess).values(row).on_conflict_do_nothing().returning(EmergencyAccess.id)
    if opened.session.execute(made).first() is None:
        raise still_open()
    found = opened.get(EmergencyAccess, id)
    if found is None:
        raise LookupError("the row that was just made is gone")
    return found


def _end_former(opened: Unit, doctor: uuid.UUID, resident: uuid.UUID) -> None:
    """One whose time is up makes room for the next."""
    query = opened.select(EmergencyAccess).where(
        EmergencyAccess.staff_id == doctor, EmergencyAccess.resident_id == resident, EmergencyAccess.state == State.OPEN
    )
    former = opened.first(query.with_for_update())
    if former is not None:
        end_in_time(opened, former)
        opened.flush()


def _move(opened: Unit, row: EmergencyAccess, event: Event) -> None:
    state = move(State(row.state), event)
    if state is None:
        raise not_now()
    row.state, row.due_at = state, _due(state, row.review_by, opened.now)
    if state is State.ENDED:
        row.ended_at = min(opened.now, row.ends_at)
    row.version += 1
    enter(opened, row, state)


def _due(state: State, review_by: date, now: datetime) -> datetime:
    """When a reviewed access is deleted, or the review of one that ended is late."""
    return now + EMERGENCY_KEPT if state in REVIEWED else day_begins(review_by + timedelta(days=1))


def _has_officer(opened: Unit, row: EmergencyAccess) -> bool:
    """Whether there is somebody to review it. An emergency does not wait for that, but it is said loudly."""
    found = somebody_as(opened, Role.PRIVACY_OFFICER, besides=row.staff_id)
    if not found:
        log.error("privacy_officer_missing", tenant=str(opened.scope), access=str(emergency_id(row)))
    return found
