"""Verifying somebody's real name: a try is spent, the registry asked, the number reserved, the resident verified.

Each step is a unit of its own, and each may be repeated: after a crash between them the person asks again, and what
was done is found. Only a match of the registry reserves a number, and only a reservation verifies.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.core.calendar import ZONE, local_date
from app.core.errors import Refused, TryLater, WrongState
from app.core.ids import PublicId
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import NoticeKind
from app.residents.case_models import CaseKind
from app.residents.connectors.registry import METHOD, AskRegistry, RegistryUnavailable, Verdict
from app.residents.errors import IdentityConflict, IdentityNotConfirmed, TooManyTries, guardian_needed
from app.residents.models import IdentityNumber, Resident
from app.residents.names import RESIDENT_ID
from app.residents.repository import TRIES, UNVERIFIED, VERIFIED, locked_resident, resident, spend_try
from app.residents.reservations import reserve, reserver
from app.residents.rules.ages import CONSENTS, is_of_age
from app.residents.rules.documents import Claim, DocumentKind, Stated, read_claim
from app.residents.rules.identity_cards import parse_identity_card
from app.residents.service.cases import opening, telling
from app.residents.service.reading import Shown, seal_identity, shown

REGISTRY_SECONDS = 10
"""When to come back while the registry does not answer."""


def verify(person: uuid.UUID, stated: Stated, ask: AskRegistry, by: Caller) -> Shown | Refused:
    """Verify the person by a resident identity card; keep another document as stated, unverified.

    Raises InvalidInput for what no document says, TooManyTries, TryLater while the registry does not answer (the try
    is then given back), Forbidden `guardian_needed` for who is under 14 and asks themself, and WrongState where the
    person is verified as somebody else already. Refused are names that the registry does not confirm, and numbers that
    another account has.
    """
    scope = Scope.for_person(person)
    today = local_date(database().clock.now())
    claim = read_claim(stated, today)
    if claim.kind is not DocumentKind.RESIDENT_IDENTITY_CARD:
        return keep_stated(scope, claim, by)
    if not by.behalf and not is_of_age(claim.birth_date, CONSENTS, today):
        raise guardian_needed()
    known = begin(scope, claim, by)
    if known is not None:
        return known
    verdict = ask_registry(scope, claim, ask, by)
    if verdict is not Verdict.MATCH:
        return not_confirmed(scope, verdict, by)
    if not reserve_number(person, claim):
        return in_conflict(scope, reserver(IdentityNumber, number_digest(claim.number)), by)
    return confirm(scope, claim, by)


def begin(scope: Scope, claim: Claim, by: Caller) -> Shown | None:
    """Spend a try; the resident where they are verified by this very number already, which spends none."""

    def work(opened: Unit) -> Shown | None:
        if _spend(opened, claim):
            return None
        return _verified_as(opened, locked_resident(opened), claim)

    return run(scope, work, by)


def keep_stated(scope: Scope, claim: Claim, by: Caller) -> Shown:
    """Keep a document that no registry is asked about; the resident stays unverified."""

    def work(opened: Unit) -> Shown:
        if not _spend(opened, claim):
            return _verified_as(opened, locked_resident(opened), claim)
        row = locked_resident(opened)
        seal_identity(opened, row, claim)
        _note(opened, row, "resident.stated", {"document": claim.kind.value})
        return shown(opened, row)

    return run(scope, work, by)


def ask_registry(scope: Scope, claim: Claim, ask: AskRegistry, by: Caller) -> Verdict:
    """The registry's verdict; raises TryLater, after the try was given back."""
    return answered(scope, lambda: ask(claim.name, claim.number), by, give_back=True)


def answered(scope: Scope, ask: Callable[[], Verdict], by: Caller, *, give_back: bool) -> Verdict:
    """What `ask` says; raises TryLater, after the try was given back where it is one of verifying oneself."""
    try:
        return ask()
    except RegistryUnavailable as error:
        if give_back:
            run(scope, _give_back, by)
        raise TryLater(
            "the registry of identities does not answer", code="registry_unavailable", retry_after=REGISTRY_SECONDS
        ) from error


def reserve_number(person: uuid.UUID, claim: Claim) -> bool:
    """Whether the number that the registry confirmed is the person's from now on; False where another has it."""
    digest = number_digest(claim.number)
    return reserve(IdentityNumber, digest, person, lambda reading: holds_number(reading, digest))


def holds_number(reading: Unit, digest: str) -> bool:
    """Whether the unit's person is verified by the number with that digest."""
    row = resident(reading)
    return row is not None and row.number_digest == digest


def find_by_number(text: str) -> uuid.UUID | None:
    """The person who is verified by that identity card, None where it is nobody's or no number.

    Units of its own, each reading one row: called outside any.
    """
    try:
        number = parse_identity_card(text, local_date(database().clock.now())).number
    except ValueError:
        return None
    digest = database().blind.digest("identity_number", number)
    person = reserver(IdentityNumber, digest)
    if person is None:
        return None
    with unit(Scope.for_person(person)) as reading:
        return person if holds_number(reading, digest) else None


def confirm(scope: Scope, claim: Claim, by: Caller) -> Shown:
    """The resident is who they say they are; their number is reserved for them."""

    def work(opened: Unit) -> Shown:
        row = locked_resident(opened)
        if row.state == VERIFIED:
            return _verified_as(opened, row, claim)
        seal_identity(opened, row, claim)
        row.state, row.number_digest = VERIFIED, number_digest(claim.number)
        row.verification_method, row.verified_at = METHOD, opened.now
        _note(opened, row, "resident.verified", {"document": claim.kind.value, "method": METHOD})
        return shown(opened, row)

    return run(scope, work, by)


def not_confirmed(scope: Scope, verdict: Verdict, by: Caller) -> Refused:
    """The registry said no; remembered, and answered without saying which no."""
    run(
        scope, lambda opened: _note(opened, locked_resident(opened), "resident.not_confirmed", {"verdict": verdict}), by
    )
    return Refused(IdentityNotConfirmed("check the name and the number as they stand on the card"))


def in_conflict(scope: Scope, holder: uuid.UUID | None, by: Caller) -> Refused:
    """Another account has the number: remembered, and nothing of that account is said.

    The owner of `holder` is told, and the platform's operator decides; None: it let the number go meanwhile, or the
    number is not of the one who asks.
    """
    relays = []
    if holder is not None:
        told = telling(holder, NoticeKind.IDENTITY_CONFLICT)
        relays = [opening(CaseKind.IDENTITY, scope.require_person(), holder), told]
    run(scope, lambda opened: _note(opened, locked_resident(opened), "resident.identity_conflict", {}, relays), by)
    return Refused(IdentityConflict("the platform's operator looks at it; come with your document"))


def subject(scope: Scope) -> PublicId:
    """A resident's public id."""
    return PublicId(RESIDENT_ID, scope, scope.require_person())


def next_day(now: datetime) -> int:
    """Seconds until the next local day begins."""
    local = now.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int((midnight - local).total_seconds()) + 1


def _spend(opened: Unit, claim: Claim) -> bool:
    """Whether a try was left; raises TooManyTries where an unverified resident has none."""
    spent = spend_try(opened, local_date(opened.now))
    if spent is None:
        if locked_resident(opened).state == UNVERIFIED:
            raise TooManyTries(f"{TRIES} tries a day", retry_after=next_day(opened.now))
        return False
    facts: Facts = {"document": claim.kind.value, "tries": spent[0]}
    record(opened, "resident.verification_tried", subject(opened.scope), spent[1], facts)
    return True


def _give_back(opened: Unit) -> None:
    row = locked_resident(opened)
    if row.tries_on == local_date(opened.now) and row.tries:
        row.tries -= 1
    _note(opened, row, "resident.registry_unavailable", {"tries": row.tries})


def _verified_as(opened: Unit, row: Resident, claim: Claim) -> Shown:
    if row.number_digest != number_digest(claim.number):
        raise WrongState("this person is verified already, by another document", code="resident_verified")
    return shown(opened, row)


def _note(opened: Unit, row: Resident, happened: str, facts: Facts, relays: Sequence[Outgoing] = ()) -> None:
    row.version += 1
    record(opened, happened, subject(opened.scope), row.version, facts, relays)


def number_digest(number: str) -> str:
    """The key under which a number (in its one form) is reserved."""
    return database().blind.digest("identity_number", number)
