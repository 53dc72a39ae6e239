"""The queries of this slice that are more than one row by its id."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Base
from app.core.ports import StaffGrants, ports
from app.core.questions import OWNER, Asks, Question
from app.core.scope import ScopeKind
from app.core.unit import Unit
from app.identity.models import (
    AccessToken,
    CodeAddress,
    Login,
    OAuthClient,
    Person,
    PersonAccessToken,
    PhoneChallenge,
)
from app.identity.rules import ADDRESS_KEPT

ACTIVE = "active"
REVOKED = "revoked"
CLIENT_STATES = (ACTIVE, REVOKED)
RESERVED = "reserved"
HELD = "held"


@dataclass(frozen=True)
class TenantToken:
    """What of a good token of a tenant's every request is asked; `client_id` is that of an active client."""

    id: uuid.UUID
    secret_hash: str
    permissions: Sequence[str]
    staff_id: uuid.UUID | None
    person_id: uuid.UUID | None
    sign_in_id: uuid.UUID | None
    issued_at: datetime
    client_id: uuid.UUID | None
    client_permissions: Sequence[str] | None
    may_act: bool
    """Whether the tenant's people and systems may act now."""
    member: Any
    """What `staff_grants` of the ports asked of the affiliation; null where there is none any more."""


@dataclass(frozen=True)
class PersonToken:
    """What of a good token of a person's every request is asked; one as staff has no secret of its own here."""

    id: uuid.UUID
    secret_hash: str | None
    used_on: date | None
    origin_id: uuid.UUID
    """The sign-in from which it came; its own id, where it is one as the person themself."""
    seen_at: datetime | None
    """When anything of that origin was used last; null where nobody signed in as staff from it."""
    proved_at: datetime | None
    """When its sign-in, or the one that it came from, proved a second factor last."""
    actor_id: uuid.UUID | None
    """Who acts for the person with it; then with which sign-in, and as what."""
    actor_sign_in_id: uuid.UUID | None
    acting_as: str | None


_OWNER: BindParameter[Any] = bindparam(OWNER)
_ID: BindParameter[Any] = bindparam("of_id")
_NOW = bindparam("now", type_=DateTime(timezone=True))
_TOKENS, _CLIENTS, _OWN_TOKENS = (
    cast(Table, model.__table__) for model in (AccessToken, OAuthClient, PersonAccessToken)
)
_CLIENT = and_(
    _CLIENTS.c.tenant_id == _TOKENS.c.tenant_id, _CLIENTS.c.id == _TOKENS.c.client_id, _CLIENTS.c.state == ACTIVE
)
_TENANT_TOKEN = (
    select(
        *(_TOKENS.c[name] for name in ("id", "secret_hash", "permissions", "staff_id", "person_id", "sign_in_id")),
        _TOKENS.c.issued_at, _CLIENTS.c.id, _CLIENTS.c.permissions,
    )
    .select_from(_TOKENS)
    .outerjoin(_CLIENTS, _CLIENT)
    .where(_TOKENS.c.tenant_id == _OWNER, _TOKENS.c.id == _ID)
    .where(_TOKENS.c.expires_at > _NOW, _TOKENS.c.revoked_at.is_(None))
)  # fmt: skip
_MINE = (_OWN_TOKENS.c.person_id == _OWNER, _OWN_TOKENS.c.id == _ID)
_ORIGINS = _OWN_TOKENS.alias("origins")
_ORIGIN = and_(_ORIGINS.c.person_id == _OWNER, _ORIGINS.c.id == _OWN_TOKENS.c.sign_in_id)
_SEEN_AT = func.coalesce(_ORIGINS.c.seen_at, _OWN_TOKENS.c.seen_at)
_PERSON_TOKEN = Question(
    ScopeKind.PERSON,
    select(
        _OWN_TOKENS.c.id, _OWN_TOKENS.c.secret_hash, _OWN_TOKENS.c.used_on,
        func.coalesce(_ORIGINS.c.id, _OWN_TOKENS.c.id), _SEEN_AT,
        func.coalesce(_ORIGINS.c.proved_at, _OWN_TOKENS.c.proved_at), _OWN_TOKENS.c.actor_id,
        _OWN_TOKENS.c.actor_sign_in_id, _OWN_TOKENS.c.acting_as,
    )
    .select_from(_OWN_TOKENS)
    .outerjoin(_ORIGINS, _ORIGIN)
    .where(*_MINE, _OWN_TOKENS.c.expires_at > _NOW, _OWN_TOKENS.c.revoked_at.is_(None))
    .where(or_(_SEEN_AT.is_(None), bindparam("seen_after", type_=DateTime(timezone=True)) < _SEEN_AT)),
)  # fmt: skip
_USED = update(_OWN_TOKENS).where(*_MINE).values(used_on=bindparam("to_used_on", type_=Date()))
_SEEN = update(_OWN_TOKENS).where(*_MINE).values(seen_at=bindparam("to_seen_at", type_=DateTime(timezone=True)))


def tenant_token(reading: Asks, token_id: uuid.UUID) -> TenantToken | None:
    """The unexpired token with that id of the tenant that is asked, with what its active client or its member may."""
    question = _of_tenant(ports().tenant_may_act, ports().staff_grants)
    found = reading.ask(question, {"of_id": token_id, "now": reading.now})
    return TenantToken(*found) if found else None


@cache
def _of_tenant(may_act: ColumnElement[bool], staff_grants: StaffGrants) -> Question:
    return Question(ScopeKind.TENANT, _TENANT_TOKEN.add_columns(may_act, staff_grants.asked(_TOKENS)))


def person_token(reading: Asks, token_id: uuid.UUID) -> PersonToken | None:
    """The unexpired token with that id of the person who is asked; one of a staff that was silent is none."""
    values = {"of_id": token_id, "now": reading.now, "seen_after": reading.now - ports().staff_idle}
    found = reading.ask(_PERSON_TOKEN, values)
    return PersonToken(*found) if found else None


def note_used(unit: Unit, token_id: uuid.UUID, on: date) -> None:
    """Note on which local day a token of the person was used last."""
    unit.execute(_USED, {"owner": unit.scope.require_person(), "of_id": token_id, "to_used_on": on})


def note_seen(unit: Unit, token_id: uuid.UUID) -> None:
    """Note that a token of the person, or one that came from it, is used now."""
    unit.execute(_SEEN, {"owner": unit.scope.require_person(), "of_id": token_id, "to_seen_at": unit.now})


def add_new(unit: Unit, model: type[Base], key: str, row: dict[str, Any]) -> bool:
    """Insert `row` unless one with the same `key` is there; waits for a concurrent one. Whether it was new."""
    column = getattr(model, key)
    statement = insert(model).values(row).on_conflict_do_nothing(index_elements=[key]).returning(column)
    return unit.session.execute(statement).first() is not None


def login(unit: Unit) -> Login | None:
    """The login to which the unit is bound."""
    return unit.first(unit.select(Login))


def reserve(unit: Unit, row: dict[str, Any]) -> Login:
    """The login to which the unit is bound, held until its end: as in `row`, or as somebody reserved or holds it.

    Asking again puts off the time of a reservation, so that the timer deletes none that a sign-in builds on.
    """
    later = {name: row[name] for name in ("reserved_at", "due_at")}
    fresh = insert(Login).values(row)
    again = fresh.on_conflict_do_update(index_elements=["key"], set_=later, where=Login.state == RESERVED)
    unit.session.execute(again)
    return unit.session.scalars(unit.select(Login)).one()


def hold_login(unit: Unit, key: str, person_id: uuid.UUID) -> None:
    """The person who reserved the login has it."""
    mine = (Login.key == key, Login.person_id == person_id)
    unit.session.execute(update(Login).where(*mine).values(state=HELD, due_at=None))


def move_login(unit: Unit, key: str, former: uuid.UUID, person_id: uuid.UUID) -> None:
    """The login that `former` had is that of another account of the same person."""
    mine = (Login.key == key, Login.person_id == former)
    unit.session.execute(update(Login).where(*mine).values(person_id=person_id, state=HELD, due_at=None))


def forget_login(unit: Unit, key: str, person_id: uuid.UUID, *states: str) -> None:
    """The phone is nobody's login any more, where it was that person's, in one of these states (any, where none is
    named).
    """
    mine = (Login.key == key, Login.person_id == person_id, Login.state.in_(states or (RESERVED, HELD)))
    unit.session.execute(delete(Login).where(*mine).execution_options(synchronize_session=False))


def person(unit: Unit) -> Person | None:
    """The person to whom the unit is bound."""
    return unit.first(unit.select(Person))


def locale_of(unit: Unit) -> str | None:
    """The language of the person to whom the unit is bound; None of somebody who never signed in."""
    found = person(unit)
    return found.locale if found else None


def chosen_locale(row: Person | None) -> str | None:
    """The language that the person `row` has chosen; None where they have not, and of nobody."""
    return row.locale if row and row.locale_chosen_at else None


def claim_challenge(unit: Unit, empty: dict[str, Any]) -> PhoneChallenge:
    """The challenge to which the unit is bound, held until its end; made from `empty` where there is none.

    Its time is put off in the statement that finds it, so that it is not deleted before it is read.
    """
    claimed = insert(PhoneChallenge).values(empty)
    later = {"due_at": empty["due_at"]}
    unit.session.execute(claimed.on_conflict_do_update(index_elements=["key"], set_=later))
    return unit.session.scalars(unit.select(PhoneChallenge)).one()


def challenge(unit: Unit) -> PhoneChallenge | None:
    """The challenge to which the unit is bound, held until its end."""
    return unit.first(unit.select(PhoneChallenge).with_for_update())


def end_staff_tokens(unit: Unit, staff_id: uuid.UUID) -> list[uuid.UUID]:
    """Revoke every good token of a staff affiliation; returns their ids."""
    tenant = unit.scope.require_tenant()
    mine = (AccessToken.tenant_id == tenant, AccessToken.staff_id == staff_id)
    good = (AccessToken.revoked_at.is_(None), AccessToken.expires_at > unit.now)
    change = update(AccessToken).where(*mine, *good).values(revoked_at=unit.now).returning(AccessToken.id)
    return list(unit.session.scalars(change.execution_options(synchronize_session=False)))


def spend_try(unit: Unit, key: str) -> tuple[uuid.UUID, str, int] | None:
    """Take one try from the open challenge and return its id and the hash of its code; None where none is open.

    The row stays locked until the unit ends, so that of many guesses at once each costs a try of its own.
    """
    open_one = (PhoneChallenge.key == key, PhoneChallenge.tries_left > 0, PhoneChallenge.expires_at > unit.now)
    change = update(PhoneChallenge).where(*open_one).values(tries_left=PhoneChallenge.tries_left - 1)
    spent = change.returning(PhoneChallenge.challenge_id, PhoneChallenge.code_hash, PhoneChallenge.tries_left)
    found = unit.session.execute(spent.execution_options(synchronize_session=False)).first()
    return (found[0], found[1], found[2]) if found else None


def close_challenge(unit: Unit, key: str, challenge_id: uuid.UUID) -> bool:
    """Leave no try to the challenge, and forget its code; the row stays, because it counts what was sent.

    Whether it was still that challenge, and open: of many who hold the right code at once, one closes it.
    """
    open_one = (PhoneChallenge.key == key, PhoneChallenge.challenge_id == challenge_id, PhoneChallenge.code_hash != "")
    change = update(PhoneChallenge).where(*open_one).values(tries_left=0, code_hash="")
    closed = change.returning(PhoneChallenge.key).execution_options(synchronize_session=False)
    return unit.session.execute(closed).first() is not None


def count_address(unit: Unit, key: str, burst: int, between: timedelta) -> bool:
    """Count one code for the address or device of `key` in a single statement; False, and nothing counted, where it is
    too much.

    `free_at` moves on by a pause with each code, from now at the earliest, and never beyond a burst of pauses.
    """
    now, pause = int(unit.now.timestamp() * 1000), int(between.total_seconds() * 1000)
    forgotten = unit.now + ADDRESS_KEPT
    fresh = insert(CodeAddress).values(key=key, free_at=now + pause, due_at=forgotten)
    later = func.greatest(CodeAddress.free_at, now, type_=CodeAddress.free_at.type) + pause
    counted = fresh.on_conflict_do_update(
        index_elements=["key"], set_={"free_at": later, "due_at": forgotten},
        where=later <= now + burst * pause,
    )  # fmt: skip
    return unit.session.execute(counted.returning(CodeAddress.key)).first() is not None
