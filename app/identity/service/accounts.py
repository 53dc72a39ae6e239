"""Accounts beside signing in: opened for somebody without a phone, given a phone, closed and opened again.

Each is done within the unit of whoever knows why, whose entry says so; what ends with it makes entries of its own.
"""

import uuid
from enum import StrEnum

from sqlalchemy import update

from app.core.journal.record import open_chain
from app.core.unit import Unit
from app.identity.models import Person, PersonAccessToken
from app.identity.oidc.models import AppFamily, AppGrant
from app.identity.oidc.names import ACTIVE
from app.identity.phone_content import seal_phone
from app.identity.repository import add_new
from app.identity.service.sign_ins import end_known


class Closed(StrEnum):
    """Why nobody signs in to an account any more; `claimed` is one that was given up for another of the same person."""

    DECEASED = "deceased"
    ERASED = "erased"
    CLAIMED = "claimed"


def open_account(opened: Unit, locale: str) -> bool:
    """Register the unit's person without a phone, unless there is such a person; whether it was new."""
    row = {"person_id": opened.scope.require_person(), "version": 1, "created_at": opened.now, "locale": locale}
    is_new = add_new(opened, Person, "person_id", row)
    if is_new:
        open_chain(opened)
    return is_new


def locked_person(opened: Unit) -> Person | None:
    """The unit's person, held until its end."""
    return opened.first(opened.select(Person).with_for_update().execution_options(populate_existing=True))


def is_closed(opened: Unit) -> bool:
    """Whether nobody signs in to the account of the unit's person any more, because they died or gave it up."""
    row = opened.first(opened.select(Person))
    return row is not None and row.closed_as is not None


def give_phone(opened: Unit, row: Person, phone: str) -> None:
    """The unit's person `row`, held, signs in with `phone` from now on; their login is moved apart from that."""
    row.phone, row.version = seal_phone(opened, phone), row.version + 1


def close_account(opened: Unit, row: Person, why: Closed) -> None:
    """Close the account of the unit's person `row`, held: every sign-in, app and token for them ends at once.

    The phone is forgotten, but for the deceased: that they are may be a mistake.
    """
    row.closed_as, row.closed_at, row.version = why, opened.now, row.version + 1
    if why is not Closed.DECEASED:
        row.phone = None
    end_all(opened)


def open_again(opened: Unit, row: Person) -> None:
    """Open the account of the unit's person `row`, held; they sign in anew."""
    row.closed_as, row.closed_at, row.version = None, None, row.version + 1


def end_all(opened: Unit) -> None:
    """End every sign-in of the unit's person, those of others who act for them, and everything of apps."""
    _end(opened, PersonAccessToken.revoked_at.is_(None))
    now, owner = opened.now, opened.scope.require_person()
    families = update(AppFamily).where(AppFamily.person_id == owner, AppFamily.revoked_at.is_(None))
    allowed = update(AppGrant).where(AppGrant.person_id == owner, AppGrant.state == ACTIVE)
    for change in (
        families.values(revoked_at=now),
        allowed.values(state="ended", ended_at=now, version=AppGrant.version + 1),
    ):
        opened.session.execute(change.execution_options(synchronize_session=False))


def end_acting(opened: Unit, representation: uuid.UUID) -> None:
    """End every token with which somebody acts for the unit's person by that right."""
    _end(opened, PersonAccessToken.representation_id == representation)


def _end(opened: Unit, which: object) -> None:
    living = opened.select(PersonAccessToken).where(
        which,  # type: ignore[arg-type]  # a condition on the tokens, whatever it is made of
        PersonAccessToken.revoked_at.is_(None),
    )
    for token in opened.all(living):
        end_known(opened, token.id)
