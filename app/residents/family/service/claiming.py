"""A young person claims the account that their guardians opened: from then on they sign in to it with their own phone.

They sign in with that phone first, to an account that holds nothing, and prove who they are; then the phone leads to
the account of the child, and the empty one is closed. Each step may be repeated: asked again, it goes on where it
stopped.
"""

import uuid
from dataclasses import dataclass

from app.core.calendar import local_date
from app.core.errors import Refused, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import (
    PERSON,
    Closed,
    Login,
    close_account,
    give_phone,
    locked_person,
    login_key,
    move_login,
    phone_of,
)
from app.residents.connectors.registry import AskRegistry, Verdict
from app.residents.errors import guardian_needed
from app.residents.models import IdentityNumber
from app.residents.reservations import reserver
from app.residents.rules.ages import CONSENTS, is_of_age
from app.residents.rules.documents import DocumentKind, Stated, read_claim
from app.residents.service.verification import (
    ask_registry,
    begin,
    holds_number,
    in_conflict,
    not_confirmed,
    number_digest,
)


@dataclass(frozen=True)
class Claimed:
    """The account that the phone leads to now; signing in anew opens it."""

    person: PublicId


def claim(person: uuid.UUID, name: str, number: str, ask: AskRegistry, by: Caller) -> Claimed | Refused:
    """Make the phone of `person` that of the account which guardians opened for the bearer of `number`.

    Raises InvalidInput, Forbidden `guardian_needed` under 14, TooManyTries, TryLater, WrongState for who is verified as
    themself already. Refused are names that the registry does not confirm, and numbers of no such account.
    """
    scope, today = Scope.for_person(person), local_date(database().clock.now())
    stated = read_claim(Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, number), today)
    if not is_of_age(stated.birth_date, CONSENTS, today):
        raise guardian_needed()
    if begin(scope, stated, by) is not None:
        raise WrongState("this account is yours already", code="resident_verified")
    verdict = ask_registry(scope, stated, ask, by)
    if verdict is not Verdict.MATCH:
        return not_confirmed(scope, verdict, by)
    digest = number_digest(stated.number)
    with unit(scope) as reading:
        phone = phone_of(reading)
    child = reserver(IdentityNumber, digest)
    if child is None or phone is None or not _given(child, digest, phone, by):
        return in_conflict(scope, by)
    key = login_key(phone)
    run(Scope.for_key(Login.__tablename__, key), lambda opened: move_login(opened, key, person, child))
    run(scope, lambda opened: _close(opened, child), by)
    return Claimed(PublicId(PERSON, Scope.for_person(child), child))


def _given(child: uuid.UUID, digest: str, phone: str, by: Caller) -> bool:
    """Whether the account of `child` has that phone now: it had none, or this one by a former try."""

    def work(opened: Unit) -> bool:
        row = locked_person(opened)
        if row is None or row.closed_as is not None or not holds_number(opened, digest):
            return False
        if row.phone is not None:
            return phone_of(opened) == phone
        give_phone(opened, row, phone)
        record(opened, "person.claimed", PublicId(PERSON, opened.scope, child), row.version, {})
        return True

    return run(Scope.for_person(child), work, by)


def _close(opened: Unit, child: uuid.UUID) -> None:
    row = locked_person(opened)
    if row is not None and row.closed_as is None:
        close_account(opened, row, Closed.CLAIMED)
        known = PublicId(PERSON, opened.scope, row.person_id)
        claimed = PublicId(PERSON, Scope.for_person(child), child)
        record(opened, "person.closed", known, row.version, {"as": Closed.CLAIMED.value, "person": str(claimed)})
