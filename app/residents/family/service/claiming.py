"""A young person claims the account that their guardians opened: from then on they sign in to it with their own phone.

They sign in with that phone first, to an account that holds nothing, and prove who they are; while a guardian acts, by
a word that the guardian gave them, too; once none does, by papers that an operator sees. Then the phone leads to the
account of the child, and the empty one is closed.
Each step may be repeated: asked again, it goes on where it stopped.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from app.core.calendar import local_date
from app.core.errors import Refused, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run, unit
from app.identity.api import (
    PERSON,
    Closed,
    Login,
    close_account,
    fingerprint,
    give_phone,
    locked_person,
    login_key,
    matches,
    move_login,
    new_secret,
    phone_of,
)
from app.residents.connectors.registry import AskRegistry, Verdict
from app.residents.errors import guardian_needed
from app.residents.family.models import Representation
from app.residents.family.rules import CLAIM_LIFE, Kind, State
from app.residents.family.service.exchange import represented_by
from app.residents.family.service.permits import use_permit
from app.residents.family.service.representations import held_by, is_over, subject
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


@dataclass(frozen=True)
class Claimant:
    """Who asks for an account: the account that their phone leads to now, and the word that they were given, if any."""

    person: uuid.UUID
    phone: str = field(repr=False)
    word: str | None = field(repr=False)


class Said(Enum):
    """What an account says to who asks for it."""

    YES = auto()
    NO = auto()
    OPERATOR_DECIDES = auto()


@dataclass(frozen=True)
class ClaimWord:
    """What a guardian gives to the child; shown once."""

    word: str = field(repr=False)
    until: datetime


def let_claim(known: PublicId, by: Caller, effect: Effect | None = None) -> ClaimWord:
    """A word with which the child that `known`, of its guardian, names takes its account over; the former one ends.

    Raises NotFound, and WrongState `representation_state` for who is no guardian now.
    """
    actor = known.scope.require_person()

    def work(opened: Unit) -> ClaimWord:
        row = held_by(opened, known.id, actor)
        if row.kind != Kind.GUARDIAN or row.state != State.ACTIVE or is_over(opened, row):
            raise WrongState("only a guardian lets a child do this", code="representation_state")
        made = ClaimWord(new_secret(), opened.now + CLAIM_LIFE)
        row.claim_hash, row.claim_until, row.version = fingerprint(made.word), made.until, row.version + 1
        record(opened, "representation.claim_allowed", subject(row), row.version, {})
        return made

    return run(Scope.for_person(represented_by(known).person), work, by, effect=effect)


def claim(  # who one is, with what, asked of whom
    person: uuid.UUID, name: str, number: str, word: str | None, ask: AskRegistry, by: Caller
) -> Claimed | Refused:
    """Make the phone of `person` that of the account which guardians opened for the bearer of `number`.

    Raises InvalidInput, Forbidden `guardian_needed` under 14, TooManyTries, TryLater, WrongState for who is verified as
    themself already. Refused are names that the registry does not confirm, numbers of no such account, and, while a
    guardian acts, a word that is not theirs. Once none acts an operator sees papers first: name and number are known to
    many.
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
    said = _give(child, digest, Claimant(person, phone, word), by) if child and phone else Said.NO
    if child is None or phone is None or said is not Said.YES:
        return in_conflict(scope, child if said is Said.OPERATOR_DECIDES else None, by)
    key = login_key(phone)
    run(Scope.for_key(Login.__tablename__, key), lambda opened: move_login(opened, key, person, child))
    run(scope, lambda opened: _close(opened, child), by)
    return Claimed(PublicId(PERSON, Scope.for_person(child), child))


def _give(child: uuid.UUID, digest: str, claimant: Claimant, by: Caller) -> Said:
    """Whether the account of `child` has that phone now: it never had one, or this one by a former try."""

    def work(opened: Unit) -> Said:
        row = locked_person(opened)
        if row is None or row.closed_as is not None or row.parted_at is not None or not holds_number(opened, digest):
            return Said.NO
        if row.phone is not None:
            return Said.YES if phone_of(opened) == claimant.phone else Said.NO
        said = _allowed(opened, claimant)
        if said is Said.YES:
            give_phone(opened, row, claimant.phone)
            record(opened, "person.claimed", PublicId(PERSON, opened.scope, child), row.version, {})
        return said

    return run(Scope.for_person(child), work, by)


def _allowed(opened: Unit, claimant: Claimant) -> Said:
    """Whether an operator saw the claimant's papers, or one of those who act for the unit's person gave that word.

    Where nobody acts who could give one, the operator is asked.
    """
    if use_permit(opened, claimant.person):
        return Said.YES
    acting = opened.select(Representation).where(
        Representation.kind == Kind.GUARDIAN, Representation.state == State.ACTIVE
    )
    guardians = [row for row in opened.all(acting.with_for_update()) if not is_over(opened, row)]
    for row in guardians:
        is_open = row.claim_until is not None and row.claim_until > opened.now
        if claimant.word and row.claim_hash and is_open and matches(claimant.word, row.claim_hash):
            row.claim_hash = row.claim_until = None
            return Said.YES
    return Said.NO if guardians else Said.OPERATOR_DECIDES


def _close(opened: Unit, child: uuid.UUID) -> None:
    row = locked_person(opened)
    if row is not None and row.closed_as is None:
        close_account(opened, row, Closed.CLAIMED)
        known = PublicId(PERSON, opened.scope, row.person_id)
        claimed = PublicId(PERSON, Scope.for_person(child), child)
        record(opened, "person.closed", known, row.version, {"as": Closed.CLAIMED.value, "person": str(claimed)})
