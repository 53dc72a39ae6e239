"""A person signs in: the number's login leads to the person, who gets an access token. Whether they may is decided
before, in `sign_in_ways`.

A first sign-in takes three units, one after the other: the number's login is reserved, naming the person; the person
is registered; the login is held. After a crash between them the next sign-in reads the reservation and goes on with
the same person. Whoever is registered signs in with the number that their own row has, and with no other one.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain, record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.credentials import PERSON
from app.identity.devices.rules import DEVICE_ID
from app.identity.devices.service import Place, note
from app.identity.errors import CodeNotAccepted
from app.identity.factors.rules import OTP
from app.identity.models import Login, Person
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.phone_content import phone_of, phone_place, seal_phone
from app.identity.phones import language_of_number
from app.identity.recoveries.service import use_up
from app.identity.repository import (
    HELD,
    RESERVED,
    add_new,
    chosen_locale,
    forget_login,
    hold_login,
    login,
    person,
    reserve,
)
from app.identity.rules import RESERVATION_KEPT
from app.identity.service.accounts import locked_person
from app.identity.service.tokens import PERSON_LIFE, issue_person_token, person_actor


@dataclass(frozen=True)
class SignedIn:
    """A person's fresh access token."""

    access_token: str = field(repr=False)
    person: PublicId
    is_new: bool
    device_token: str | None = field(default=None, repr=False)
    """What a device that was not known shall keep."""
    methods: tuple[str, ...] = ()
    """By which methods they signed in (`amr`, RFC 8176)."""
    expires_in: int = int(PERSON_LIFE.total_seconds())
    token_type: str = "Bearer"  # noqa: S105  # the kind of token (RFC 6750), no secret


@dataclass(frozen=True)
class Reservation:
    """Who has a login, or shall have it."""

    person_id: uuid.UUID
    is_held: bool


@dataclass(frozen=True)
class Me:
    """What a person reads about themselves."""

    id: PublicId
    phone: str | None = field(repr=False)
    locale: str
    created_at: datetime
    version: int


@dataclass(frozen=True)
class At:
    """Where a person signs in, and by which methods (`amr`, RFC 8176)."""

    place: Place
    methods: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether they have just proved a second factor there."""
        return OTP in self.methods


def admitted(phone: str, locale: str | None, at: At, request_id: str) -> SignedIn:
    """Sign in whoever has `phone` (E.164), having proved it; a new person speaks `locale`, None: the
    language of the number.

    Raises CodeNotAccepted where it was reserved for an account that has another number; it is let go, so that the next
    code leads to somebody new. So it is where that account has just left it.
    """
    reservation = reserve_login(phone)
    try:
        signed_in = enter(reservation.person_id, phone, locale, request_id, at)
    except CodeNotAccepted:
        let_reserved_go(phone, reservation.person_id)
        raise
    if not reservation.is_held:
        confirm_login(phone, reservation.person_id)
    return signed_in


def owner_of(phone: str) -> uuid.UUID | None:
    """Who has the login of `phone`, or shall have it; None where nobody does."""
    with unit(Scope.for_key(Login.__tablename__, login_key(phone))) as reading:
        row = login(reading)
    return row.person_id if row else None


def reserve_login(phone: str, person_id: uuid.UUID | None = None) -> Reservation:
    """The login of `phone`, reserved for that person, or for a new one, where nobody has it."""

    def work(opened: Unit) -> Reservation:
        row = reserve(opened, _reserving(opened, key, person_id or new_id()))
        return Reservation(row.person_id, row.state != RESERVED)

    key = login_key(phone)
    return run(Scope.for_key(Login.__tablename__, key), work)


def enter(person_id: uuid.UUID, phone: str, locale: str | None, request_id: str, at: At | None = None) -> SignedIn:
    """Register the person unless that is done, and issue an access token to them; None: nobody says in which language,
    or where.

    Who is not new is told of a device that is; what let them in once is used up on any. Raises Forbidden
    `account_closed`, and CodeNotAccepted where their number is another one.
    """
    scope = Scope.for_person(person_id)

    def work(opened: Unit) -> SignedIn:
        is_new = _register(opened, phone, locale)
        refuse_closed(opened)
        _refuse_other_number(opened, phone)
        device = note(opened, at.place) if at else None
        bearer = issue_person_token(opened, device.id if device else None, proved_by=OTP if at and at.proved else None)
        use_up(opened)
        if device and device.token and not is_new:
            tell(opened, Kind.NEW_DEVICE, PublicId(DEVICE_ID, opened.scope, device.id))
        token = device.token if device else None
        return SignedIn(str(bearer), PublicId(PERSON, scope, person_id), is_new, token, at.methods if at else ())

    return run(scope, work, Caller(person_actor(scope), request_id))


def secure_login(phone: str, person_id: uuid.UUID) -> bool:
    """The login of `phone`, which that registered person has, is theirs, also where it was let go meanwhile; False
    where it is somebody else's.
    """

    def work(opened: Unit) -> bool:
        if reserve(opened, _reserving(opened, key, person_id)).person_id != person_id:
            return False
        hold_login(opened, key, person_id)
        return True

    key = login_key(phone)
    return run(Scope.for_key(Login.__tablename__, key), work)


def confirm_login(phone: str, person_id: uuid.UUID) -> None:
    """The person is registered and has the login of `phone`."""
    key = login_key(phone)
    run(Scope.for_key(Login.__tablename__, key), lambda opened: hold_login(opened, key, person_id))


def holder_of(phone: str) -> uuid.UUID | None:
    """The person who signs in with `phone` (E.164); None where nobody does."""
    with unit(Scope.for_key(Login.__tablename__, login_key(phone))) as reading:
        row = login(reading)
    return row.person_id if row is not None and row.state == HELD else None


def release_login(key: str, person_id: uuid.UUID) -> None:
    """The number of that login leads to `person_id` no more; whoever has it signs in as somebody new. May be repeated.

    What the person has stays; their own scope has forgotten the number before, by `part_phone`.
    """
    run(Scope.for_key(Login.__tablename__, key), lambda opened: forget_login(opened, key, person_id))


def let_reserved_go(phone: str, person_id: uuid.UUID) -> None:
    """The number is reserved for that person no more; nothing changes where they have it already."""
    key = login_key(phone)
    run(Scope.for_key(Login.__tablename__, key), lambda opened: forget_login(opened, key, person_id, RESERVED))


def part_phone(opened: Unit, key: str) -> None:
    """Forget the number of the unit's person, if it is that of the login `key`, which is to lead to them no more."""
    row, phone = locked_person(opened), phone_of(opened)
    if row is None or phone is None or login_key(phone) != key:
        return
    row.phone, row.parted_at, row.version = None, opened.now, row.version + 1
    record(opened, "person.parted", PublicId(PERSON, opened.scope, row.person_id), row.version, {})


def login_key(phone: str) -> str:
    """The key of the login of `phone`."""
    return database().blind.digest("phone", phone)


def read_me(scope: Scope, *, alone: bool = True) -> Me:
    """The person of `scope`, without their number where they do not read it `alone`; raises NotFound where it is no
    person's.
    """
    if scope.tenant is not None:
        raise NotFound
    with unit(scope) as reading:
        row = person(reading)
        if row is None:
            raise NotFound
        return me_of(reading, row, alone=alone)


def me_of(opened: Unit, row: Person, *, alone: bool = True) -> Me:
    """What the unit's person `row` reads; without their number where they do not read it `alone`."""
    place = phone_place(opened.scope)
    phone = opened.cipher.open(row.phone, place).decode() if row.phone else None
    spoken = chosen_locale(row) or (language_of_number(phone) if phone else row.locale)
    known = PublicId(PERSON, opened.scope, row.person_id)
    return Me(known, phone if alone else None, spoken, row.created_at, row.version)


def _reserving(opened: Unit, key: str, person_id: uuid.UUID) -> dict[str, Any]:
    return {
        "key": key, "person_id": person_id, "state": RESERVED, "reserved_at": opened.now,
        "due_at": opened.now + RESERVATION_KEPT,
    }  # fmt: skip


def _refuse_other_number(opened: Unit, phone: str) -> None:
    """A change of the number that goes on is waited for: it ends the sign-ins that were made before it."""
    locked_person(opened)
    if phone_of(opened) != phone:
        raise CodeNotAccepted("this number leads elsewhere since the code was sent: ask for a new one")


def _register(opened: Unit, phone: str, chosen: str | None) -> bool:
    person_id, locale = opened.scope.require_person(), chosen or language_of_number(phone)
    row = {
        "person_id": person_id, "version": 1, "created_at": opened.now, "locale": locale,
        "locale_chosen_at": opened.now if chosen else None, "phone": seal_phone(opened, phone),
    }  # fmt: skip
    is_new = add_new(opened, Person, "person_id", row)
    if is_new:
        open_chain(opened)
        record(opened, "person.registered", PublicId(PERSON, opened.scope, person_id), 1, {"locale": locale})
    return is_new


def refuse_closed(opened: Unit) -> None:
    """Raise Forbidden `account_closed` where the unit's person signs in no more."""
    row = person(opened)
    if row is not None and row.closed_as is not None:
        raise Forbidden("nobody signs in to this account any more", code="account_closed")
