"""Changing the number with which a person signs in.

The new number is reserved for them before anything of theirs changes, so that of two who want it one gets it. Then one
unit of their own changes the account; the former number's login ends right after it, and by the timer after a crash.
"""

import uuid
from dataclasses import dataclass, field

from app.core.errors import NotFound, Refused, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run, unit
from app.identity.credentials import PERSON
from app.identity.errors import CodeNotAccepted, FormerNumberRequired
from app.identity.factors.freshness import held, refuse_absent, refuse_unattended
from app.identity.factors.repository import had_factor, hold
from app.identity.factors.rules import SETTLED
from app.identity.models import Person
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.phone_changes.leaving import leave
from app.identity.phone_changes.models import PhoneChange
from app.identity.phone_changes.repository import LEADING, forget_other_devices, leading
from app.identity.phone_content import phone_of
from app.identity.repository import chosen_locale, person
from app.identity.rules import Purpose
from app.identity.service import addresses, codes
from app.identity.service.accounts import give_phone, locked_person
from app.identity.service.codes import CodeSent
from app.identity.service.sign_in import Me, let_reserved_go, read_me, reserve_login
from app.identity.service.sign_in_ways import tell_of_guesses
from app.identity.service.sign_ins import end_others

_WRONG_CODE = "ask for new codes if these are older than five minutes"
_PROVE = "send a code of the present number too, or prove a second factor that you have had for a week"


@dataclass(frozen=True)
class Wish:
    """The new number (E.164), the code that was sent there, and that of the present number where it is not lost."""

    phone: str = field(repr=False)
    code: str = field(repr=False)
    former_code: str | None = field(default=None, repr=False)


def send_code(scope: Scope, sign_in: uuid.UUID, phone: str | None, address: str | None) -> CodeSent:
    """Send a code for the change to the new number `phone`, or to the present one of the person of `scope`.

    Raises SecondFactorRequired, FreshSignInRequired, WrongState where they have no number or name the present one as
    the new one, TooManyFromPerson, and what `codes.send_code` raises. Whether the new number is free is not told.
    """
    refuse_absent(scope.require_person(), sign_in)
    with unit(scope) as reading:
        present, locale = phone_of(reading), chosen_locale(person(reading))
    refuse_present(phone, present)
    to = phone or present
    if to is None:
        raise WrongState("your account has no number", code="phone_missing")
    addresses.spend_of_person(scope.require_person())
    return codes.send_code(to, address, purpose=Purpose.PHONE_CHANGE, locale=locale)


def refuse_present(phone: str | None, present: str | None) -> None:
    """Raise WrongState `phone_unchanged` where the new number `phone` is the present one."""
    if phone is not None and phone == present:
        raise WrongState("this is your present number: name another one", code="phone_unchanged")


def change(scope: Scope, sign_in: uuid.UUID, wish: Wish, by: Caller) -> Me | Refused:
    """Let the person of `scope` sign in with the new number; other sign-ins end, other devices are not known any more,
    and the former number is told.

    A wrong code is refused and counted. Raises SecondFactorRequired, FreshSignInRequired, FormerNumberRequired without
    a code of the present number where no second factor was proved lately that was there for a week, WrongState
    `phone_unchanged`, and `phone_not_available` for a number that leads elsewhere: why is not told.
    """
    leave(scope)
    former = _attended(scope, sign_in, wish)
    if not _proved(former, wish, by.request_id):
        return Refused(CodeNotAccepted(_WRONG_CODE))
    _reserve(scope, wish.phone)
    try:
        run(scope, lambda opened: _change(opened, sign_in, wish, former), by)
    except Exception:
        let_reserved_go(wish.phone, scope.require_person())
        raise
    leave(scope)
    return read_me(scope)


def _attended(scope: Scope, sign_in: uuid.UUID, wish: Wish) -> str | None:
    """The present number, once it is sure that its owner asks."""
    with unit(scope) as reading:
        refuse_unattended(reading, sign_in)
        if wish.former_code is None and not had_factor(reading, reading.now - SETTLED):
            raise FormerNumberRequired(_PROVE)
        former = phone_of(reading)
    refuse_present(wish.phone, former)
    return former


def _proved(former: str | None, wish: Wish, request_id: str) -> bool:
    """Whether every code that was shown is right; they are used up together."""
    shown = [(wish.phone, wish.code)]
    if wish.former_code is not None:
        if former is None:
            return False
        shown.append((former, wish.former_code))
    seen = [(phone, codes.look(phone, code, Purpose.PHONE_CHANGE)) for phone, code in shown]
    for phone, one in seen:
        if one.spent and phone == former:
            tell_of_guesses(phone, request_id)
    opens = [(phone, one.challenge_id) for phone, one in seen if one.challenge_id]
    return len(opens) == len(seen) and all(codes.close(*one, Purpose.PHONE_CHANGE) for one in opens)


def _reserve(scope: Scope, phone: str) -> None:
    person = scope.require_person()
    if reserve_login(phone, person).person_id != person:
        raise _not_available()


def _not_available() -> WrongState:
    return WrongState("your account cannot have this number", code="phone_not_available")


def _change(opened: Unit, sign_in: uuid.UUID, wish: Wish, former: str | None) -> None:
    hold(opened)
    refuse_unattended(opened, sign_in)
    row = locked_person(opened)
    if row is None:
        raise NotFound
    if phone_of(opened) != former or leading(opened):
        raise WrongState("your number was changed meanwhile", code="phone_changed_meanwhile")
    give_phone(opened, row, wish.phone)
    _note_former(opened, former)
    end_others(opened, sign_in)
    forget_other_devices(opened, held(opened, sign_in))
    record(opened, "person.phone_changed", _subject(opened, row), row.version, {})
    tell(opened, Kind.PHONE_CHANGED)


def _note_former(opened: Unit, former: str | None) -> None:
    id = new_id()
    place = f"{opened.scope}/phone_changes/former/{id}"
    sealed = opened.cipher.seal(former.encode(), place) if former else None
    opened.add(PhoneChange(id=id, former=sealed, state=LEADING, tries=0, happened_at=opened.now, due_at=opened.now))


def _subject(opened: Unit, row: Person) -> PublicId:
    return PublicId(PERSON, opened.scope, row.person_id)
