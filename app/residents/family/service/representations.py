"""Who may act for a person: begun, accepted, ended, in that person's scope; and what the other side keeps of it.

Every change is told to who acts by a relay, and shown to them at once where they made it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.core.calendar import day_begins
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.identity.api import PERSON, Closed, end_acting, locked_person
from app.residents.errors import account_closed
from app.residents.family.models import Representation, Represented
from app.residents.family.rules import ENDED_KEPT, MOST, OFFERED_FOR, OPEN, EndReason, Evidence, Kind, Reach, State
from app.residents.names import REPRESENTATION_RELAY, REPRESENTATIVE_ID, REPRESENTED_ID
from app.residents.service.consents import end_given_by


@dataclass(frozen=True)
class New:
    """Somebody who shall act for a person. `actor_name` is theirs as verified; None while they were not asked."""

    kind: Kind
    actor: uuid.UUID
    actor_name: str | None = field(repr=False)
    reach: Reach
    evidence: Evidence
    until: date | None
    """The local day with whose beginning it ends by itself."""


def begin(opened: Unit, new: New, name: str) -> Representation:
    """Let somebody act for the unit's person, who is called `name`; whoever does so already is answered again.

    The person's row is the lock under which those who may act are counted. Raises NotFound where there is no such
    person, WrongState `too_many_representatives`, and `guardianship_ended` for whom a court lets act no more: of that
    the registry, which knows parents, says nothing.
    """
    person = locked_person(opened)
    if person is None:
        raise NotFound
    if person.closed_as is not None and new.kind is not Kind.SUCCESSOR:
        raise account_closed()
    open_ones = opened.all(opened.select(Representation).where(Representation.state.in_(OPEN)))
    known = next((one for one in open_ones if one.actor_id == new.actor), None)
    if known is not None and known.kind == new.kind:
        return known
    if known is not None or sum(one.kind == new.kind for one in open_ones) >= MOST[new.kind]:
        raise WrongState("as many as may act for one person do so already", code="too_many_representatives")
    if new.evidence is Evidence.REGISTRY and _ended_by_court(opened, new.actor):
        raise WrongState("a court ended this guardianship; the desk looks at a paper", code="guardianship_ended")
    row = opened.add(_row(opened, new))
    opened.flush()
    facts = {"actor": _person(new.actor), "kind": row.kind, "reach": row.reach, "evidence": row.evidence}
    happened = "representation.begun" if row.state == State.ACTIVE else "representation.offered"
    record(opened, happened, subject(row), 1, facts, [_outgoing(row, name)])
    return row


def accept(opened: Unit, row: Representation, actor_name: str) -> None:
    """Who was asked to act for the unit's person does so from now on; raises WrongState `representation_state`."""
    if row.state != State.OFFERED or is_over(opened, row):
        raise WrongState("this was not offered, or not any more", code="representation_state")
    row.state, row.accepted_at, row.version = State.ACTIVE, opened.now, row.version + 1
    row.actor_name = opened.cipher.seal(actor_name.encode(), _name_place(row))
    row.due_at = day_begins(row.until) if row.until else None
    facts = {"actor": _person(row.actor_id), "kind": row.kind, "reach": row.reach, "evidence": row.evidence}
    record(opened, "representation.begun", subject(row), row.version, facts, [_outgoing(row, None)])


def end(opened: Unit, row: Representation, reason: EndReason) -> None:
    """End what `row`, held, allows, and in the same commit every token that came of it, and every consent that a
    guardian gave; ended before, it stays so.
    """
    if row.state == State.ENDED:
        return
    row.state, row.ended_at, row.end_reason = State.ENDED, opened.now, reason
    row.due_at, row.version = _kept_until(opened, row, reason), row.version + 1
    end_acting(opened, row.id)
    if row.kind == Kind.GUARDIAN:
        end_given_by(opened, row.actor_id)
    facts = {"actor": _person(row.actor_id), "kind": row.kind, "reason": reason.value}
    record(opened, "representation.ended", subject(row), row.version, facts, [_outgoing(row, None)])


def end_each(opened: Unit, reason: EndReason) -> None:
    """End everything by which anybody may act for the unit's person."""
    open_ones = opened.select(Representation).where(Representation.state.in_(OPEN))
    for row in opened.all(open_ones.with_for_update()):
        end(opened, row, reason)


def acts(reading: Unit, actor: uuid.UUID) -> bool:
    """Whether `actor` may act for the unit's person now."""
    mine = (Representation.actor_id == actor, Representation.state == State.ACTIVE)
    return any(not is_over(reading, row) for row in reading.all(reading.select(Representation).where(*mine)))


def held_by(opened: Unit, id: uuid.UUID, actor: uuid.UUID) -> Representation:
    """That representation of the unit's person by `actor`, held until the unit ends; raises NotFound."""
    row = opened.get(Representation, id, lock=True)
    if row is None or row.actor_id != actor:
        raise NotFound
    return row


def is_over(opened: Unit, row: Representation) -> bool:
    """Whether the time of `row` has come, though the timer has not ended it yet."""
    return row.state != State.ENDED and row.due_at is not None and row.due_at <= opened.now


def subject(row: Representation) -> PublicId:
    """How a representation is named by the person for whom it is."""
    return PublicId(REPRESENTATIVE_ID, Scope.for_person(row.person_id), row.id)


def actor_name(opened: Unit, row: Representation) -> str | None:
    """The name of who acts; None while they have not agreed."""
    return None if row.actor_name is None else opened.cipher.open(row.actor_name, _name_place(row)).decode()


def take_representation(unit: Unit, relay: Incoming) -> Answer:
    """Keep what may be done for the giver."""
    project(unit, relay.giver, relay.payload)
    return {}


def show_at_once(row: Representation, name: str | None, by: Caller) -> None:
    """Let who acts read at once what they did; the relay that follows finds it done.

    Who died or gave up their account meanwhile acts for nobody: what began ends again, and WrongState `account_closed`
    is raised.
    """
    closed_as = run(Scope.for_person(row.actor_id), lambda opened: _show(opened, row, name), by)
    if closed_as is not None and row.state != State.ENDED:
        reason = EndReason.ACTOR_DIED if closed_as == Closed.DECEASED else EndReason.ACCOUNT_ERASED
        run(
            Scope.for_person(row.person_id),
            lambda opened: end(opened, held_by(opened, row.id, row.actor_id), reason),
            by,
        )
        raise account_closed()


def _show(opened: Unit, row: Representation, name: str | None) -> str | None:
    """Returns as what the account of who acts is closed, if it is; it is held, so that it is not closed meanwhile."""
    actor = locked_person(opened)
    closed_as = actor.closed_as if actor else None
    if closed_as != Closed.ERASED:
        project(opened, Scope.for_person(row.person_id), told(row, name))
    return closed_as


def project(opened: Unit, giver: Scope, facts: Mapping[str, Any]) -> None:
    """Keep `facts` about the person `giver`, unless something as new is known. An ended one keeps its name."""
    id, owner = uuid.UUID(facts["id"]), opened.scope.require_person()
    row = {
        "person_id": owner, "id": id, "represented_id": giver.require_person(), "kind": facts["kind"],
        "reach": facts["reach"], "state": facts["state"], "source_version": facts["version"],
        "name": opened.cipher.seal((facts["name"] or "").encode(), f"{opened.scope}/represented/name/{id}"),
        "until": date.fromisoformat(facts["until"]) if facts["until"] else None, "end_reason": facts["end_reason"],
        "due_at": opened.now + ENDED_KEPT if facts["state"] == State.ENDED else None,
    }  # fmt: skip
    changing = [name for name in row if name != "name" or facts["name"] is not None]
    if keep_newer(opened, Represented, row, changing=changing):
        known = PublicId(REPRESENTED_ID, opened.scope, id)
        record(opened, "represented.updated", known, facts["version"], {"state": facts["state"]})


def told(row: Representation, name: str | None) -> dict[str, Any]:
    """What who acts is told; `name` is the represented person's, None where they know it."""
    return {
        "id": str(row.id), "kind": row.kind, "reach": row.reach, "state": row.state, "version": row.version,
        "until": row.until.isoformat() if row.until else None, "end_reason": row.end_reason, "name": name,
    }  # fmt: skip


def _outgoing(row: Representation, name: str | None) -> Outgoing:
    return Outgoing(Scope.for_person(row.actor_id), REPRESENTATION_RELAY, told(row, name))


def _row(opened: Unit, new: New) -> Representation:
    id, agreed = new_id(), new.actor_name is not None
    row = Representation(
        person_id=opened.scope.require_person(), id=id, kind=new.kind, actor_id=new.actor, reach=new.reach,
        evidence=new.evidence, state=State.ACTIVE if agreed else State.OFFERED, until=new.until,
        created_at=opened.now, accepted_at=opened.now if agreed else None, version=1,
    )  # fmt: skip
    if new.actor_name is not None:
        row.actor_name = opened.cipher.seal(new.actor_name.encode(), _name_place(row))
        row.due_at = day_begins(new.until) if new.until else None
    else:
        row.due_at = opened.now + OFFERED_FOR
    return row


def _ended_by_court(opened: Unit, actor: uuid.UUID) -> bool:
    mine = (Representation.actor_id == actor, Representation.end_reason == EndReason.COURT)
    return opened.first(opened.select(Representation).where(*mine)) is not None


def _kept_until(opened: Unit, row: Representation, reason: EndReason) -> datetime:
    """What a court ended is kept until the child is of age at least, so that it does not begin again."""
    kept = opened.now + ENDED_KEPT
    return max(kept, day_begins(row.until)) if reason is EndReason.COURT and row.until else kept


def _person(id: uuid.UUID) -> str:
    return str(PublicId(PERSON, Scope.for_person(id), id))


def _name_place(row: Representation) -> str:
    return f"{Scope.for_person(row.person_id)}/representations/actor_name/{row.id}"
