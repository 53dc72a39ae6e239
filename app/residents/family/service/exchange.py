"""A sign-in of one's own, exchanged for a token of the person for whom one may act."""

import uuid
from dataclasses import dataclass, field

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.api import Acting, ActingToken, Role, is_signed_in, issue_acting_token
from app.residents.family.models import Represented
from app.residents.family.rules import Kind, Reach, State, acting_as
from app.residents.family.service.representations import actor_name, held_by, is_over, subject
from app.residents.family.service.seen import represented
from app.residents.service.accesses import note_acting


@dataclass(frozen=True)
class Someone:
    """A person for whom somebody may act, and what they are called."""

    person: uuid.UUID
    name: str = field(repr=False)


def exchange(known: PublicId, sign_in: uuid.UUID | None, by: Caller, effect: Effect | None = None) -> ActingToken:
    """A token for the person that `known`, of who acts, names; it stands in that person's access log.

    The representation is held while the token is made, so that none begins while it ends. Raises NotFound, Forbidden
    where no sign-in of one's own asks, WrongState `representation_state` where it has ended or is not accepted.
    """
    actor = known.scope.require_person()
    person = represented_by(known).person
    if sign_in is None or not _holds(actor, sign_in):
        raise Forbidden("only a person's own sign-in can be exchanged")
    origin = sign_in

    def work(opened: Unit) -> ActingToken:
        row = held_by(opened, known.id, actor)
        if row.state != State.ACTIVE or is_over(opened, row):
            raise WrongState("you may not act for this person now", code="representation_state")
        kind = Kind(row.kind)
        acts_as = acting_as(kind, Reach(row.reach))
        role = Role.GUARDIAN if kind is Kind.GUARDIAN else None
        token = issue_acting_token(opened, Acting(actor, origin, row.id, acts_as, row.due_at))
        note_acting(opened, token.id, role, actor_name(opened, row) or "", subject(row))
        return token

    return run(Scope.for_person(person), work, by, effect=effect)


def represented_by(known: PublicId) -> Someone:
    """The person for whom `known`, of who acts, is; raises NotFound."""
    with unit(known.scope) as reading:
        row = reading.get(Represented, known.id)
        if row is None:
            raise NotFound
        seen = represented(reading, row)
    return Someone(seen.person.scope.require_person(), seen.name)


def _holds(actor: uuid.UUID, sign_in: uuid.UUID) -> bool:
    with unit(Scope.for_person(actor)) as reading:
        return is_signed_in(reading, sign_in)
