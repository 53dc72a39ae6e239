"""An owner sets, changes and removes their password; signing in by one is `service.sign_in_ways`."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.core.errors import Fault, InvalidInput, NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.ports import ports
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.factors.freshness import refuse_unattended
from app.identity.factors.repository import ACTIVE, authenticators, hold
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.passwords.hashing import hashed, is_outdated
from app.identity.passwords.models import Password
from app.identity.passwords.repository import drop_password, password
from app.identity.passwords.rules import LEAST, LEAST_WITH_FACTOR, LONGEST, fault_of, parts_of
from app.identity.phone_content import phone_of
from app.identity.service.sign_ins import end_others

PASSWORD_ID = "pwd"  # noqa: S105  # the prefix of an id, no secret
DETAILS = {
    "too_short": f"at least {LEAST} characters, {LEAST_WITH_FACTOR} with an authenticator",
    "too_long": f"at most {LONGEST} characters",
    "too_common": "others would try this early",
    "about_yourself": "this is known about you",
}


@dataclass(frozen=True)
class Shown:
    """Whether there is a password, and since when."""

    is_set: bool
    changed_at: datetime | None


def change(sign_in: uuid.UUID, wanted: str, by: Caller, effect: Effect | None, scope: Scope) -> Shown:
    """Set the password of the person of `scope`, or change it, which ends their other sign-ins.

    Raises SecondFactorRequired where they have an authenticator that was not proved lately, FreshSignInRequired where
    they have none and signed in long ago, InvalidInput for a password that is not taken. Called outside any unit: the
    hash is made between two, and what the first asked for is asked for again.
    """
    with unit(scope) as reading:
        refuse_unattended(reading, sign_in)
        _refuse_weak(reading, wanted)
    made = hashed(wanted)

    def work(opened: Unit) -> Shown:
        hold(opened)
        refuse_unattended(opened, sign_in)
        row = password(opened, lock=True)
        kind = Kind.PASSWORD_CHANGED if row else Kind.PASSWORD_SET
        if row is None:
            id = new_id()
            row = opened.add(Password(id=id, hash=_sealed(opened, id, made), version=1, changed_at=opened.now))
        else:
            row.hash, row.version, row.changed_at = _sealed(opened, row.id, made), row.version + 1, opened.now
            end_others(opened, sign_in)
        record(opened, f"password.{'set' if row.version == 1 else 'changed'}", _subject(row), row.version, {})
        tell(opened, kind)
        return Shown(True, row.changed_at)

    return run(scope, work, by, effect=effect)


def remove(sign_in: uuid.UUID, by: Caller, effect: Effect | None, scope: Scope) -> Shown:
    """Remove the password of the person of `scope`. Raises as `change` does, and NotFound where there is none."""

    def work(opened: Unit) -> Shown:
        hold(opened)
        refuse_unattended(opened, sign_in)
        row = password(opened, lock=True)
        if row is None:
            raise NotFound
        drop_password(opened)
        record(opened, "password.removed", _subject(row), row.version + 1, {})
        tell(opened, Kind.PASSWORD_REMOVED)
        return Shown(False, None)

    return run(scope, work, by, effect=effect)


def shown(scope: Scope) -> Shown:
    """Whether the person of `scope` has a password."""
    with unit(scope) as reading:
        row = password(reading)
    return Shown(row is not None, row.changed_at if row else None)


def stored_hash(opened: Unit) -> str | None:
    """The hash of the password of the unit's person; None where they have none."""
    row = password(opened)
    return _opened(opened, row) if row else None


def renewed(scope: Scope, stored: str, known: str) -> None:
    """Hash the password `known` anew where `stored` was made with former parameters; not where it changed meanwhile."""
    if not is_outdated(stored):
        return
    made = hashed(known)

    def work(opened: Unit) -> None:
        row = password(opened, lock=True)
        if row is not None and _opened(opened, row) == stored:
            row.hash = _sealed(opened, row.id, made)

    run(scope, work)


def _refuse_weak(reading: Unit, wanted: str) -> None:
    phone, identity = phone_of(reading), ports().verified_identity(reading)
    if phone is None:
        raise NotFound
    known = parts_of(phone, identity.name if identity else "", identity.number if identity else "")
    rule = fault_of(wanted, known, has_factor=bool(authenticators(reading, ACTIVE)))
    if rule is not None:
        fault = Fault("/password", rule, DETAILS[rule])
        raise InvalidInput("this password is not taken", code="password_refused", faults=(fault,))


def _sealed(opened: Unit, id: uuid.UUID, made: str) -> bytes:
    return opened.cipher.seal(made.encode(), _place(opened.scope, id))


def _opened(opened: Unit, row: Password) -> str:
    return opened.cipher.open(row.hash, _place(opened.scope, row.id)).decode()


def _place(scope: Scope, id: uuid.UUID) -> str:
    return f"{scope}/passwords/hash/{id}"


def _subject(row: Password) -> PublicId:
    return PublicId(PASSWORD_ID, Scope.for_person(row.person_id), row.id)
