"""What only paper says: handed in by who wants to act, looked at by an operator, who accepts or rejects it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run, unit
from app.identity.api import Closed, locked_person
from app.residents.family.models import CivilPaper, Representation
from app.residents.family.rules import (
    ENDED_KEPT,
    PAPERS,
    SUCCESSION_TERM,
    Ask,
    EndReason,
    Evidence,
    Kind,
    PaperKind,
    PaperRejection,
    PaperState,
    Reach,
)
from app.residents.family.service.children import adult, become_guardian, minor, person_of
from app.residents.family.service.representations import New, begin, end, show_at_once
from app.residents.names import CIVIL_PAPER_ID
from app.residents.rules.documents import Claim, DocumentKind, Stated, read_claim
from app.residents.service.verification import find_by_number
from tenants.api import PLATFORM, person_behind, staff_in

MOST_WAITING = 5
"""Undecided papers of one person: the desk's list is read by people."""


@dataclass(frozen=True)
class Paper:
    """What is asked about whom, and which paper says so."""

    ask: Ask
    name: str = field(repr=False)
    number: str = field(repr=False)
    """Of the identity card of the child, or of the dead person."""
    kind: PaperKind
    paper_number: str = field(repr=False)


@dataclass(frozen=True)
class SeenPaper:
    """A paper as who handed it in, and the desk, read it."""

    id: PublicId
    kind: str
    name: str = field(repr=False)
    number: str = field(repr=False)
    paper: str
    paper_number: str = field(repr=False)
    asker: str = field(repr=False)
    state: str
    reason: str | None
    submitted_at: datetime
    decided_at: datetime | None
    version: int


def submit(person: uuid.UUID, paper: Paper, by: Caller, effect: Effect | None = None) -> SeenPaper:
    """Hand in a paper; raises InvalidInput, Forbidden for who is no verified adult, WrongState `too_many_papers`."""
    claim = _claim(paper)
    if paper.kind not in PAPERS[paper.ask]:
        raise InvalidInput("such a paper does not say this", code="paper_kind")
    with unit(Scope.for_person(person)) as reading:
        asker = adult(reading)

    def work(opened: Unit) -> SeenPaper:
        waiting = opened.select(CivilPaper).where(CivilPaper.state == PaperState.SUBMITTED)
        if len(opened.all(waiting.limit(MOST_WAITING))) >= MOST_WAITING:
            raise WrongState("your former papers wait for their decision", code="too_many_papers")
        told = {
            "name": claim.name, "number": claim.number, "paper": paper.kind.value, "asker": asker.name,
            "paper_number": paper.paper_number,
        }  # fmt: skip
        row = CivilPaper(
            id=new_id(), resident_id=person, kind=paper.ask, state=PaperState.SUBMITTED, submitted_at=opened.now,
            version=1,
        )  # fmt: skip
        row.content = opened.cipher.seal(orjson.dumps(told), _place(row.id))
        opened.add(row)
        record(opened, "civil_paper.submitted", paper_id(row), 1, {"kind": row.kind, "paper": paper.kind.value})
        return seen(opened, row)

    return run(Scope.for_tenant(PLATFORM.require_tenant(), as_resident=person), work, by, effect=effect)


def accept(id: uuid.UUID, by: Caller, effect: Effect | None = None) -> SeenPaper:
    """The desk believes the paper: who handed it in may act. Raises NotFound, Forbidden, WrongState; `account_closed`
    where they died meanwhile.

    What the paper opens is made first, and finds itself made where this was cut off before it was noted.
    """
    with unit(PLATFORM) as reading:
        row = _waiting(reading, id)
        told, asker, ask = content(reading, row), row.resident_id, Ask(row.kind)
        if person_behind(reading, staff_in(by.actor)) == asker:
            raise Forbidden("another operator decides about your own papers", code="own_paper")
    with unit(Scope.for_person(asker)) as reading:
        name = adult(reading).name
    make = _guardian if ask is Ask.GUARDIANSHIP else _successor
    made = make(asker, name, told, by)

    def work(opened: Unit) -> SeenPaper:
        row = _waiting(opened, id)
        row.represented_id, row.representation_id = made.person_id, made.id
        return _decided(opened, row, PaperState.ACCEPTED, by)

    return run(PLATFORM, work, by, effect=effect)


def reject(id: uuid.UUID, reason: PaperRejection, by: Caller, effect: Effect | None = None) -> SeenPaper:
    """The desk does not believe the paper; who handed it in reads why. Raises NotFound, WrongState."""

    def work(opened: Unit) -> SeenPaper:
        row = _waiting(opened, id)
        row.reason = reason
        return _decided(opened, row, PaperState.REJECTED, by)

    return run(PLATFORM, work, by, effect=effect)


def end_guardianship(child: str, guardian: str, by: Caller, effect: Effect | None = None) -> Representation:
    """A court ended what a guardian may do; both by their identity numbers. Raises NotFound where there is no such."""
    person, actor = (holder(number) for number in (child, guardian))

    def work(opened: Unit) -> Representation:
        mine = opened.select(Representation).where(
            Representation.actor_id == actor, Representation.kind == Kind.GUARDIAN
        )
        row = opened.first(mine.order_by(Representation.id.desc()).with_for_update())
        if row is None:
            raise NotFound
        end(opened, row, EndReason.COURT)
        return row

    ended = run(Scope.for_person(person), work, by, effect=effect)
    show_at_once(ended, None, by)
    return ended


def seen(opened: Unit, row: CivilPaper) -> SeenPaper:
    """`row` with what it says."""
    return SeenPaper(
        id=paper_id(row), kind=row.kind, state=row.state, reason=row.reason, submitted_at=row.submitted_at,
        decided_at=row.decided_at, version=row.version, **content(opened, row),
    )  # fmt: skip


def content(opened: Unit, row: CivilPaper) -> dict[str, Any]:
    """What a paper says, opened."""
    told: dict[str, Any] = orjson.loads(opened.cipher.open(row.content, _place(row.id)))
    return told


def paper_id(row: CivilPaper) -> PublicId:
    """A paper's public id."""
    return PublicId(CIVIL_PAPER_ID, PLATFORM, row.id)


def _guardian(asker: uuid.UUID, name: str, told: dict[str, Any], by: Caller) -> Representation:
    claim = minor(told["name"], told["number"])
    child = person_of(claim)
    if child is None:
        raise WrongState("another account has this identity number", code="identity_conflict")
    return become_guardian(asker, name, child, claim, Evidence.PAPER, by)


def _successor(asker: uuid.UUID, name: str, told: dict[str, Any], by: Caller) -> Representation:
    person, until = holder(told["number"]), local_date(database().clock.now() + SUCCESSION_TERM)

    def work(opened: Unit) -> Representation:
        row = locked_person(opened)
        if row is None or row.closed_as != Closed.DECEASED:
            raise WrongState("no death of this person is recorded", code="death_not_recorded")
        return begin(opened, New(Kind.SUCCESSOR, asker, name, Reach.READ, Evidence.PAPER, until), told["name"])

    made = run(Scope.for_person(person), work, by)
    show_at_once(made, told["name"], by)
    return made


def holder(number: str) -> uuid.UUID:
    """Whose that identity number is; raises NotFound."""
    found = find_by_number(number)
    if found is None:
        raise NotFound
    return found


def _claim(paper: Paper) -> Claim:
    if paper.ask is Ask.GUARDIANSHIP:
        return minor(paper.name, paper.number)
    stated = Stated(paper.name, DocumentKind.RESIDENT_IDENTITY_CARD, paper.number)
    return read_claim(stated, local_date(database().clock.now()))


def _waiting(opened: Unit, id: uuid.UUID) -> CivilPaper:
    row = opened.get(CivilPaper, id, lock=True)
    if row is None:
        raise NotFound
    if row.state != PaperState.SUBMITTED:
        raise WrongState(f"the paper was {row.state} before", code="paper_decided")
    return row


def _decided(opened: Unit, row: CivilPaper, state: PaperState, by: Caller) -> SeenPaper:
    row.state, row.decided_by, row.decided_at, row.version = state, by.actor, opened.now, row.version + 1
    row.due_at = opened.now + ENDED_KEPT
    record(opened, f"civil_paper.{state}", paper_id(row), row.version, {"kind": row.kind})
    return seen(opened, row)


def _place(id: uuid.UUID) -> str:
    return f"{PLATFORM}/civil_papers/content/{id}"
