"""Applying to join, and deciding on it."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.calendar import local_date
from app.core.counters import next_number
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from tenants.models import Application, DirectoryEntry
from tenants.names import APPLICATION_ID, FIRST_NUMBER, OPEN, PLATFORM, PLATFORM_NUMBER
from tenants.papers import read, stored
from tenants.rules import PARENTS, PARTS, Kind, Paper, lacks, paper_faults
from tenants.service.interests import decider
from tenants.states import ApplicationState, TenantState

MOST_WAITING = 5
"""Undecided applications of one person: the operator's list is read by people."""


@dataclass(frozen=True)
class Wish:
    """What an organization applies with."""

    name: str
    kind: Kind
    parent: PublicId | None
    papers: Sequence[Paper]


def submit(person: uuid.UUID, wish: Wish, by: Caller, effect: Effect | None) -> Application:
    """Hand in an application as `person`, who will administer the tenant.

    Raises InvalidInput for papers that a tenant of this kind cannot hold, a paper that stands there twice, and a
    parent that is not in the directory or cannot be one; WrongState while too many wait for their decision.
    """

    def work(unit: Unit) -> Application:
        waiting = unit.select(Application).where(Application.state == ApplicationState.SUBMITTED)
        if len(unit.all(waiting.limit(MOST_WAITING))) >= MOST_WAITING:
            raise WrongState("your former applications wait for their decision", code="too_many_applications")
        faults = [*paper_faults(wish.kind, wish.papers), *_parent_faults(unit, wish)]
        if faults:
            raise InvalidInput("these papers are not those of such a tenant", faults=tuple(faults))
        application = Application(
            id=new_id(), resident_id=person, name=wish.name, kind=wish.kind,
            parent=wish.parent.scope.tenant if wish.parent else None,
            documents=[stored(paper) for paper in wish.papers], state=ApplicationState.SUBMITTED, version=1,
            submitted_at=unit.now,
        )  # fmt: skip
        unit.add(application)
        record(unit, "organization_application.submitted", _subject(application), 1, {"kind": wish.kind.value})
        return application

    return run(Scope.for_tenant(PLATFORM_NUMBER, as_resident=person), work, by, effect=effect)


def approvable(unit: Unit, known: PublicId) -> Application:
    """The application, held until the unit ends, that may be approved now.

    Raises NotFound, WrongState, and InvalidInput naming each missing paper.
    """
    application = _undecided(unit, known.id)
    _refuse_lacking(unit, application)
    return application


def approve(unit: Unit, known: PublicId, content: Mapping[str, Any]) -> None:
    """Open a tenant for the application; raises as `approvable`."""
    application = approvable(unit, known)
    application.opened = next_number(unit, "tenant", FIRST_NUMBER)
    _decide(unit, application, ApplicationState.APPROVED)
    facts: Facts = {"kind": application.kind, "tenant": application.opened}
    opening = Outgoing(Scope.for_tenant(application.opened), OPEN, _opening(application))
    record(unit, "organization_application.approved", _subject(application), application.version, facts, [opening])


def reject(application_id: uuid.UUID, reason: str, by: Caller, effect: Effect | None) -> Application:
    """Turn the application down; the applicant reads the reason. Raises Forbidden for whoever it is about."""
    who = decider(by)

    def work(unit: Unit) -> Application:
        application = _undecided(unit, application_id)
        who.refuse_interested(application)
        application.reason = reason
        _decide(unit, application, ApplicationState.REJECTED)
        record(unit, "organization_application.rejected", _subject(application), application.version, {})
        return application

    return run(PLATFORM, work, by, effect=effect)


def _undecided(unit: Unit, application_id: uuid.UUID) -> Application:
    application = unit.get(Application, application_id, lock=True)
    if application is None:
        raise NotFound
    if application.state != ApplicationState.SUBMITTED:
        raise WrongState(f"the application was {application.state} before", code="application_decided")
    return application


def _decide(unit: Unit, application: Application, state: ApplicationState) -> None:
    application.state = state
    application.version += 1
    application.decided_at = unit.now


def _refuse_lacking(unit: Unit, application: Application) -> None:
    kind = Kind(application.kind)
    found = lacks(kind, [read(document) for document in application.documents], local_date(unit.now))
    faults = [Fault("/documents", lack.rule, "one of: " + ", ".join(lack.documents)) for lack in found]
    if (application.parent or kind in PARTS) and not _is_open(unit, application.parent, PARENTS.get(kind, frozenset())):
        faults.append(Fault("/parent", "parent_not_open", "such a tenant is a part of one that is open here"))
    if faults:
        raise InvalidInput("the papers do not allow this kind of tenant", code="papers_lacking", faults=tuple(faults))


def _parent_faults(unit: Unit, wish: Wish) -> Iterator[Fault]:
    if wish.parent is None:
        return
    entry = unit.session.get(DirectoryEntry, wish.parent.scope.tenant or 0)
    if entry is None or entry.profile_id != wish.parent.id:
        yield Fault("/parent", "parent_unknown", "the directory shows no such tenant")
    elif entry.kind not in PARENTS.get(wish.kind, frozenset()):
        yield Fault("/parent", "parent_not_of_kind", f"a {wish.kind} is no part of a {entry.kind}")


def _is_open(unit: Unit, number: int | None, kinds: frozenset[Kind]) -> bool:
    entry = unit.session.get(DirectoryEntry, number) if number else None
    return entry is not None and entry.kind in kinds and entry.state == TenantState.ACTIVE


def _opening(application: Application) -> dict[str, object]:
    return {
        "application": str(application.id), "name": application.name, "kind": application.kind,
        "parent": application.parent, "documents": application.documents,
        "administrator": str(application.resident_id),
    }  # fmt: skip


def _subject(application: Application) -> PublicId:
    return PublicId(APPLICATION_ID, PLATFORM, application.id)
