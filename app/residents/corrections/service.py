"""Asking for a correction, answering it, and disagreeing with the answer."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import select

from app.core.calendar import day_begins, local_date, working_days_after
from app.core.db import Base
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run
from app.residents.corrections.content import sealed, words_in
from app.residents.corrections.models import Correction
from app.residents.corrections.projection import show_at_once, telling
from app.residents.corrections.purposes import PURPOSE, answers
from app.residents.corrections.rules import PERMISSION, SUBJECTS, WORKING_DAYS, Area, DeclineReason, Of, State
from app.residents.names import CORRECTION_ID
from tenants.api import Viewer, look

MOST_OPEN = 5
"""Unanswered wishes of one resident at one institution: people read them."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Wish:
    """What a resident says is wrong, and what is right."""

    wrong: str = field(repr=False)
    right: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What the institution answers: an amendment, with `former` as it stood; or why it stays, with a `reason`."""

    text: str = field(repr=False)
    former: str | None = field(default=None, repr=False)
    reason: DeclineReason | None = None


@dataclass(frozen=True)
class SeenCorrection:
    """A wish and its answer, in words."""

    id: PublicId
    subject: str
    area: str
    state: str
    wrong: str = field(repr=False)
    right: str = field(repr=False)
    former: str | None = field(repr=False)
    amendment: str | None = field(repr=False)
    explanation: str | None = field(repr=False)
    reason: str | None
    statement: str | None = field(repr=False)
    asked_at: datetime
    answer_until: date
    answered_at: datetime | None
    version: int


def ask(viewer: Viewer, subject: str, wish: Wish, effect: Effect | None = None) -> SeenCorrection:
    """Ask the institution that keeps `subject` to correct it.

    Raises InvalidInput for an id of something that cannot be corrected so, NotFound for what is not the resident's,
    WrongState `too_many_corrections`.
    """
    known, of = _subject(subject)
    made: list[Correction] = []

    def work(opened: Unit) -> SeenCorrection:
        _refuse_strange(opened, known, of)
        waiting = opened.select(Correction).where(Correction.state == State.OPEN).limit(MOST_OPEN)
        if len(opened.all(waiting)) >= MOST_OPEN:
            raise WrongState("your former wishes wait for their answer", code="too_many_corrections")
        until = working_days_after(local_date(opened.now), WORKING_DAYS)
        row = Correction(
            id=new_id(), resident_id=viewer.scope.require_person(), subject=subject, area=of.area, state=State.OPEN,
            asked_at=opened.now, answer_until=until, due_at=day_begins(until + timedelta(days=1)), version=1,
        )  # fmt: skip
        row.request = sealed(opened, "request", row.id, {"wrong": wish.wrong, "right": wish.right})
        opened.add(row)
        _note(opened, row, "correction.asked")
        made[:] = [row]
        return seen(opened, row)

    wish_made = run(viewer.at(known), work, viewer.by, effect=effect)
    for row in made:
        show_at_once(row, viewer.by)
    return wish_made


def answer(
    viewer: Viewer, known: PublicId, may: Collection[str], said: Answer, effect: Effect | None = None
) -> SeenCorrection:
    """Amend it, or say why it stays; by who answers in its area. Raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> SeenCorrection:
        row = _held(opened, known)
        refuse_other_area(row, may)
        if row.state != State.OPEN:
            raise WrongState("it was answered before", code="correction_answered")
        row.state, row.reason = State.DECLINED if said.reason else State.CORRECTED, said.reason
        words = {"text": said.text} | ({"former": said.former} if said.former else {})
        row.answer, row.answered_by = sealed(opened, "answer", row.id, words), viewer.by.actor
        row.answered_at, row.due_at, row.version = opened.now, None, row.version + 1
        _note(opened, row, f"correction.{row.state}")
        return seen(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def disagree(viewer: Viewer, known: PublicId, statement: str, effect: Effect | None = None) -> SeenCorrection:
    """Add once, to a declining, what the resident has to say to it; it is read with it. Raises NotFound, WrongState."""

    def work(opened: Unit) -> SeenCorrection:
        row = _held(opened, known)
        if row.state != State.DECLINED or row.statement is not None:
            raise WrongState("a statement is added once, to a declining", code="correction_state")
        row.statement, row.version = sealed(opened, "statement", row.id, {"text": statement}), row.version + 1
        _note(opened, row, "correction.disputed")
        return seen(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def read(viewer: Viewer, known: PublicId, may: Collection[str]) -> SeenCorrection:
    """One wish, by its resident or, for a purpose, by who answers in its area, whose look is written down."""

    def work(opened: Unit) -> SeenCorrection:
        query = opened.select(Correction).where(Correction.id == known.id)
        row = opened.first(query.where(answers(opened)) if viewer.of_tenant else query)
        if row is None:
            raise NotFound
        if viewer.of_tenant:
            refuse_other_area(row, may)
            look(opened, row.resident_id, PURPOSE, correction_id(row))
        return seen(opened, row)

    return run(viewer.at(known), work, viewer.by)


def seen(opened: Unit, row: Correction) -> SeenCorrection:
    """`row` in words."""
    asked = words_in(opened, "request", row.id, row.request)
    answered = words_in(opened, "answer", row.id, row.answer)
    said, is_amended = answered.get("text"), row.state == State.CORRECTED
    return SeenCorrection(
        correction_id(row), row.subject, row.area, row.state, asked["wrong"], asked["right"], answered.get("former"),
        said if is_amended else None, None if is_amended else said, row.reason,
        words_in(opened, "statement", row.id, row.statement).get("text"), row.asked_at, row.answer_until,
        row.answered_at, row.version,
    )  # fmt: skip


def correction_id(row: Correction) -> PublicId:
    """A wish's public id."""
    return PublicId(CORRECTION_ID, Scope.for_tenant(row.tenant_id), row.id)


def refuse_other_area(row: Correction, may: Collection[str]) -> None:
    """Raise Forbidden where somebody who holds the permissions `may` does not answer for what `row` is about."""
    if PERMISSION[Area(row.area)] not in may:
        raise Forbidden("this is answered by others of your institution")


def overdue(opened: Unit, row: Correction) -> int:
    """Note that the time to answer is over; the wish stays open."""
    row.due_at, row.version = None, row.version + 1
    _note(opened, row, "correction.overdue")
    log.warning("correction_overdue", correction=str(correction_id(row)))
    return 1


def _subject(text: str) -> tuple[PublicId, Of]:
    prefix = text.partition("_")[0]
    try:
        known = PublicId.parse(text, prefix)
    except MalformedId:
        raise InvalidInput("no id", code="correction_subject") from None
    if prefix not in SUBJECTS or known.scope.tenant is None:
        raise InvalidInput("such a thing cannot be corrected so", code="correction_subject")
    return known, SUBJECTS[prefix]


def _refuse_strange(opened: Unit, known: PublicId, of: Of) -> None:
    table = Base.metadata.tables[of.table]
    mine = (
        table.c.tenant_id == opened.scope.require_tenant(), table.c.resident_id == opened.scope.require_person(),
        table.c.id == known.id,
    )  # fmt: skip
    if opened.execute(select(table.c.id).where(*mine)).first() is None:
        raise NotFound


def _held(opened: Unit, known: PublicId) -> Correction:
    row = opened.get(Correction, known.id, lock=True)
    if row is None:
        raise NotFound
    return row


def _note(opened: Unit, row: Correction, happened: str) -> uuid.UUID:
    facts = {"subject": row.subject, "area": row.area, "resident": str(Scope.for_person(row.resident_id))}
    return record(opened, happened, correction_id(row), row.version, facts, [telling(row)], row.resident_id)
