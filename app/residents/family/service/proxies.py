"""Proxies: an adult names somebody, who accepts; either of them ends it at once."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.core.calendar import local_date, years_after
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.api import refuse_unattended
from app.residents.family.models import Representation
from app.residents.family.rules import LONGEST, EndReason, Evidence, Kind, Reach, may_end
from app.residents.family.service import representations
from app.residents.family.service.children import adult
from app.residents.family.service.exchange import Someone, represented_by
from app.residents.family.service.representations import New, held_by, show_at_once
from app.residents.family.service.seen import SeenRepresentative, SeenRepresented, as_told, representative

Change = Callable[[Unit], SeenRepresented]


@dataclass(frozen=True)
class Wish:
    """Whom an adult names, how far they may act, and until which local day; its beginning ends it."""

    proxy: uuid.UUID
    reach: Reach
    until: date


def name(
    person: uuid.UUID, sign_in: uuid.UUID | None, wish: Wish, by: Caller, effect: Effect | None
) -> SeenRepresentative:
    """Ask somebody to act for `person`, who has just proved who they are (see `refuse_unattended`).

    Raises Forbidden for who is not verified, not of age, or no verified adult to be named, InvalidInput for a term that
    is over or too long, WrongState `too_many_representatives`.
    """
    if wish.proxy == person:
        raise InvalidInput("you act for yourself already", code="own_proxy")
    with unit(Scope.for_person(wish.proxy)) as reading:
        try:
            adult(reading)
        except (Forbidden, WrongState):
            raise NotFound from None  # who somebody is, and whether there is somebody, is not said

    def work(opened: Unit) -> SeenRepresentative:
        if sign_in is None:
            raise Forbidden("only the person themself names a proxy")
        refuse_unattended(opened, sign_in)
        own = adult(opened)
        today = local_date(opened.now)
        if not today < wish.until <= years_after(today, LONGEST):
            raise InvalidInput("a proxy is named for a time to come of at most five years", code="proxy_term")
        new = New(Kind.PROXY, wish.proxy, None, wish.reach, Evidence.PERSON, wish.until)
        return representative(opened, representations.begin(opened, new, own.name))

    return run(Scope.for_person(person), work, by, effect=effect)


def accept(known: PublicId, by: Caller, effect: Effect | None = None) -> SeenRepresented:
    """Who was named agrees to act; raises NotFound, Forbidden, WrongState `representation_state`."""
    someone, actor = represented_by(known), known.scope.require_person()
    with unit(known.scope) as reading:
        own = adult(reading)
    begun: list[Representation] = []

    def work(opened: Unit) -> SeenRepresented:
        row = held_by(opened, known.id, actor)
        representations.accept(opened, row, own.name)
        begun[:] = [row]
        return as_told(row, someone.name)

    return _shown(someone, begun, work, by, effect)


def give_up(known: PublicId, by: Caller, effect: Effect | None = None) -> SeenRepresented:
    """Who acts, or was asked to, does not any more; raises NotFound, WrongState `not_to_be_ended`."""
    someone, actor = represented_by(known), known.scope.require_person()
    ended: list[Representation] = []

    def work(opened: Unit) -> SeenRepresented:
        row = held_by(opened, known.id, actor)
        _end(opened, row, EndReason.ENDED_BY_ACTOR)
        ended[:] = [row]
        return as_told(row, someone.name)

    return _shown(someone, ended, work, by, effect)


def take_back(known: PublicId, by: Caller, effect: Effect | None = None) -> SeenRepresentative:
    """The person ends what they allowed; every token of it is dead from this commit on. Raises as `give_up`."""

    def work(opened: Unit) -> SeenRepresentative:
        row = opened.get(Representation, known.id, lock=True)
        if row is None:
            raise NotFound
        _end(opened, row, EndReason.ENDED_BY_PERSON)
        return representative(opened, row)

    return run(known.scope, work, by, effect=effect)


def _shown(
    someone: Someone, changed: list[Representation], work: Change, by: Caller, effect: Effect | None
) -> SeenRepresented:
    """Do `work` for `someone`, and let who acts read at once what they changed."""
    made = run(Scope.for_person(someone.person), work, by, effect=effect)
    for row in changed:
        show_at_once(row, None, by)
    return made


def _end(opened: Unit, row: Representation, reason: EndReason) -> None:
    if not may_end(Kind(row.kind)):
        raise WrongState("a guardianship is ended by a court, a title by the desk", code="not_to_be_ended")
    representations.end(opened, row, reason)
