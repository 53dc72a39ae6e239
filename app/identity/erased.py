"""Nothing comes back into the scope of an erased account: neither by a relay that was on its way, nor at once."""

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from app.core.relays import Answer, Handler, Incoming
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, run
from app.identity.models import Person
from app.identity.service.accounts import Closed

REFUSED: Answer = {"refused": "account_erased"}


def unless_erased(handler: Handler) -> Handler:
    """`handler`, but for a person whose account was erased: there the relay is refused, and nothing is read of it."""

    def heard(opened: Unit, relay: Incoming) -> Answer:
        if opened.scope.kind is ScopeKind.PERSON and is_erased(opened):
            return REFUSED
        return handler(opened, relay)

    return heard


def apply_at_once(person: uuid.UUID, work: Callable[[Unit], None], by: Caller) -> None:
    """Do `work` in the person's own scope, so that they read what they just did before a relay says the same; nothing
    where their account was erased meanwhile.
    """
    run(Scope.for_person(person), lambda opened: None if is_erased(opened) else work(opened), by)


def is_erased(opened: Unit) -> bool:
    """Whether the account of the unit's person was erased; it is held until the unit's end, so that it is not then."""
    closed_as = opened.execute(_closed_as(), {"owner": opened.scope.require_person()}).scalar()
    return closed_as == Closed.ERASED


@cache
def _closed_as() -> Select[Any]:
    """As what an account is closed. The lock is shared: only who closes the account waits for it, and is waited for."""
    known = select(Person.closed_as).where(Person.person_id == bindparam("owner"))
    return known.with_for_update(read=True, key_share=True)
