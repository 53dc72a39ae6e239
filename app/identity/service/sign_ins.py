"""A person's sign-ins, as themself and as staff: begun, used and ended."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core.calendar import local_date
from app.core.errors import NotFound, Unauthenticated
from app.core.glances import Glance
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.ports import ports
from app.core.questions import Asks
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.credentials import PERSON, STAFF, TOKEN
from app.identity.devices.rules import DEVICE_ID
from app.identity.factors.freshness import refuse_unattended
from app.identity.models import PersonAccessToken
from app.identity.repository import PersonToken, note_seen, note_used, person_token
from app.identity.rules import SEEN_EVERY

STAFF_LIFE = timedelta(hours=8)
TOKEN_KEPT = timedelta(days=7)
"""How long after its end a token is kept: until then its person finds the sign-in in their list."""
MADE = "sign_in.made"
ENDED = "sign_in.ended"


@dataclass(frozen=True)
class SignIn:
    """A sign-in as its person sees it."""

    id: PublicId
    affiliation: PublicId | None
    """As whom of a staff; None as themself."""
    began_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    last_used_on: date | None
    device: PublicId | None = None
    is_current: bool = False
    actor: PublicId | None = None
    """Who acts for the person with it."""


def note_acting(token_id: uuid.UUID, staff: PublicId, person_id: uuid.UUID, sign_in: uuid.UUID, by: Caller) -> datetime:
    """Note in the person's scope that they sign in as `staff`, from their own `sign_in`; returns until when.

    From then on that one ends, with all that came from it, when nothing of them is used for `staff_idle` of the ports.
    Until then nobody noted when it was used: raises SecondFactorRequired or FreshSignInRequired where the person may
    have left it. Raises Unauthenticated where it has ended. All is under its lock, so that none begins while it ends.
    """

    def work(opened: Unit) -> datetime:
        origin = opened.get(PersonAccessToken, sign_in, lock=True)
        if origin is None or not _holds(origin, opened.now):
            raise Unauthenticated("the sign-in has ended")
        if origin.seen_at is None:
            refuse_unattended(opened, sign_in)
        origin.seen_at = opened.now
        until = min(opened.now + STAFF_LIFE, origin.expires_at)
        opened.add(
            PersonAccessToken(
                id=token_id, tenant=staff.scope.require_tenant(), staff_id=staff.id, sign_in_id=sign_in,
                issued_at=opened.now, expires_at=until, due_at=until + TOKEN_KEPT,
            )
        )  # fmt: skip
        record(opened, MADE, _subject(opened, token_id), 1, {"staff": str(staff)})
        return until

    return run(Scope.for_person(person_id), work, by)


def still_held(person_id: uuid.UUID, token_id: uuid.UUID) -> PersonToken | None:
    """The person's sign-in as staff, None where it has ended; notes its use."""
    reading = Glance(Scope.for_person(person_id))
    token = person_token(reading, token_id)
    if token is not None:
        note_use(reading, token)
    return token


def note_use(reading: Asks, token: PersonToken) -> None:
    """Note the local day, in a unit of its own once a day; of who signed in as staff every five minutes the moment."""
    today = local_date(reading.now)
    if token.used_on != today:
        run(reading.scope, lambda opened: note_used(opened, token.id, today))
    if token.seen_at is not None and reading.now - token.seen_at >= SEEN_EVERY:
        run(reading.scope, lambda opened: note_seen(opened, token.origin_id))


def end(sign_in: PublicId, current: uuid.UUID | None, by: Caller, effect: Effect | None = None) -> SignIn:
    """End a sign-in of the person in whose scope it lies; one that has ended stays as it is. Raises NotFound.

    `current` is the sign-in that asks for it.
    """

    def work(opened: Unit) -> SignIn:
        end_known(opened, sign_in.id)
        row = opened.get(PersonAccessToken, sign_in.id)
        if row is None:
            raise NotFound
        return all_shown(opened, [row], current)[0]

    return run(sign_in.scope, work, by, effect=effect)


def all_shown(opened: Unit, rows: Sequence[PersonAccessToken], current: uuid.UUID | None) -> list[SignIn]:
    """`rows` of the unit's person as they see them; `current` is the sign-in that asks."""
    origins = {row.sign_in_id or row.id for row in rows}
    known = opened.all(opened.select(PersonAccessToken).where(PersonAccessToken.id.in_(origins)))
    ends = {one.id: one.seen_at + ports().staff_idle for one in known if one.seen_at is not None}
    return [_shown(row, current, _ended_at(row, ends.get(row.sign_in_id or row.id), opened.now)) for row in rows]


def end_known(opened: Unit, token_id: uuid.UUID) -> bool:
    """End the person's sign-in `token_id`, and those as staff that came from it; whether it had not ended before."""
    row = opened.get(PersonAccessToken, token_id, lock=True)
    if row is None or row.revoked_at is not None:
        return False
    coming = opened.select(PersonAccessToken).where(PersonAccessToken.sign_in_id == token_id)
    for one in (row, *opened.all(coming.where(PersonAccessToken.revoked_at.is_(None)).with_for_update())):
        one.revoked_at = opened.now
        record(opened, ENDED, _subject(opened, one.id), 2, {})
    return True


def end_others(opened: Unit, sign_in: uuid.UUID) -> None:
    """End every sign-in of the unit's person but `sign_in`, and those as staff that came from it."""
    good = (PersonAccessToken.revoked_at.is_(None), PersonAccessToken.expires_at > opened.now)
    others = opened.select(PersonAccessToken).where(PersonAccessToken.id != sign_in, *good)
    for one in opened.all(others.where(PersonAccessToken.staff_id.is_(None))):
        end_known(opened, one.id)


def _shown(row: PersonAccessToken, current: uuid.UUID | None, ended_at: datetime | None) -> SignIn:
    staff = PublicId(STAFF, Scope.for_tenant(row.tenant), row.staff_id) if row.tenant and row.staff_id else None
    scope = Scope.for_person(row.person_id)
    return SignIn(
        PublicId(TOKEN, scope, row.id), staff, row.issued_at, row.expires_at, ended_at,
        row.used_on, PublicId(DEVICE_ID, scope, row.device_id) if row.device_id else None, row.id == current,
        PublicId(PERSON, Scope.for_person(row.actor_id), row.actor_id) if row.actor_id else None,
    )  # fmt: skip


def _ended_at(row: PersonAccessToken, by_silence: datetime | None, now: datetime) -> datetime | None:
    """When it was ended, or silence did that; None where it holds, or held until it expired."""
    if by_silence is None or by_silence > min(now, row.expires_at):
        return row.revoked_at
    return min(by_silence, row.revoked_at or by_silence)


def _holds(row: PersonAccessToken, now: datetime) -> bool:
    return row.revoked_at is None and row.expires_at > now


def _subject(opened: Unit, token_id: uuid.UUID) -> PublicId:
    return PublicId(TOKEN, opened.scope, token_id)
