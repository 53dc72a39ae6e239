"""The queries of this slice that are more than one row by its id."""

import uuid
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Base
from app.core.unit import Unit
from app.identity.credentials import Bearer
from app.identity.models import (
    AccessToken,
    CodeAddress,
    Login,
    OAuthClient,
    Person,
    PersonAccessToken,
    PhoneChallenge,
)
from app.identity.rules import ADDRESS_BURST, ADDRESS_PAUSE

ACTIVE = "active"
REVOKED = "revoked"
CLIENT_STATES = (ACTIVE, REVOKED)
RESERVED = "reserved"
HELD = "held"


def tenant_token(unit: Unit, bearer: Bearer) -> tuple[AccessToken, OAuthClient | None] | None:
    """The unexpired token that `bearer` names, with its client where it is a client's and that one is active."""
    tenant = bearer.scope.require_tenant()
    same = and_(
        OAuthClient.tenant_id == AccessToken.tenant_id,
        OAuthClient.id == AccessToken.client_id,
        OAuthClient.state == ACTIVE,
    )
    query = (
        select(AccessToken, OAuthClient)
        .outerjoin(OAuthClient, same)
        .where(AccessToken.tenant_id == tenant, AccessToken.id == bearer.id)
        .where(AccessToken.expires_at > unit.now, AccessToken.revoked_at.is_(None))
    )
    found = unit.session.execute(query).first()
    return (found[0], found[1]) if found else None


def person_token(unit: Unit, bearer: Bearer) -> PersonAccessToken | None:
    """The unexpired token of the person's own that `bearer` names."""
    known = unit.select(PersonAccessToken).where(PersonAccessToken.id == bearer.id)
    return unit.first(known.where(PersonAccessToken.expires_at > unit.now, PersonAccessToken.revoked_at.is_(None)))


def add_new(unit: Unit, model: type[Base], key: str, row: dict[str, Any]) -> bool:
    """Insert `row` unless one with the same `key` is there; waits for a concurrent one. Whether it was new."""
    column = getattr(model, key)
    statement = insert(model).values(row).on_conflict_do_nothing(index_elements=[key]).returning(column)
    return unit.session.execute(statement).first() is not None


def login(unit: Unit) -> Login:
    """The login to which the unit is bound."""
    return unit.session.scalars(unit.select(Login)).one()


def hold_login(unit: Unit, key: str, person_id: uuid.UUID) -> None:
    """The person who reserved the login has it."""
    mine = (Login.key == key, Login.person_id == person_id)
    unit.session.execute(update(Login).where(*mine).values(state=HELD))


def person(unit: Unit) -> Person | None:
    """The person to whom the unit is bound."""
    return unit.first(unit.select(Person))


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


def spend_try(unit: Unit, key: str) -> tuple[uuid.UUID, str] | None:
    """Take one try from the open challenge and return its id and the hash of its code; None where none is open.

    The row stays locked until the unit ends, so that of many guesses at once each costs a try of its own.
    """
    open_one = (PhoneChallenge.key == key, PhoneChallenge.tries_left > 0, PhoneChallenge.expires_at > unit.now)
    change = update(PhoneChallenge).where(*open_one).values(tries_left=PhoneChallenge.tries_left - 1)
    spent = change.returning(PhoneChallenge.challenge_id, PhoneChallenge.code_hash)
    found = unit.session.execute(spent.execution_options(synchronize_session=False)).first()
    return (found[0], found[1]) if found else None


def close_challenge(unit: Unit, key: str) -> None:
    """Leave no try to the challenge, and forget its code; the row stays, because it counts what was sent."""
    change = update(PhoneChallenge).where(PhoneChallenge.key == key).values(tries_left=0, code_hash="")
    unit.session.execute(change.execution_options(synchronize_session=False))


def count_address(unit: Unit, key: str) -> bool:
    """Count one code for the address of `key` in a single statement; False, and nothing counted, where it is too much.

    `free_at` moves on by a pause with each code, from now at the earliest, and never beyond a burst of pauses.
    """
    now, pause = int(unit.now.timestamp() * 1000), int(ADDRESS_PAUSE.total_seconds() * 1000)
    fresh = insert(CodeAddress).values(key=key, free_at=now + pause)
    later = func.greatest(CodeAddress.free_at, now) + pause
    counted = fresh.on_conflict_do_update(
        index_elements=["key"], set_={"free_at": later}, where=later <= now + ADDRESS_BURST * pause
    )
    return unit.session.execute(counted.returning(CodeAddress.key)).first() is not None
