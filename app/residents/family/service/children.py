"""Registering a child: the registry confirms who it is and that it is the guardian's, then they may act for it.

The child is a person with an account of its own, without a phone. Each step is a unit of its own and may be repeated;
whoever registers the same child, at once or later, finds the same person by the identity number.
"""

import uuid

from app.core.calendar import local_date
from app.core.errors import InvalidInput, NotFound, Refused
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import PERSON, is_closed, locale_of, locked_person, open_account
from app.residents.connectors.registry import AskRelation, Verdict
from app.residents.errors import TooManyTries, account_closed, not_of_age
from app.residents.family.models import Representation
from app.residents.family.rules import TRIES, Evidence, Kind, Reach, guarded_until
from app.residents.family.service.representations import New, begin, show_at_once
from app.residents.models import IdentityNumber, Resident
from app.residents.repository import VERIFIED, resident, spend_family_try
from app.residents.reservations import reserver
from app.residents.rules.ages import ADULT, is_of_age
from app.residents.rules.documents import Claim, DocumentKind, Stated, read_claim
from app.residents.service.reading import Identity, identity_of, seal_identity, verified
from app.residents.service.verification import (
    answered,
    holds_number,
    in_conflict,
    next_day,
    not_confirmed,
    number_digest,
    reserve_number,
    subject,
)

CHINESE = "zh-CN"


def register(guardian: uuid.UUID, name: str, number: str, ask: AskRelation, by: Caller) -> Representation | Refused:
    """Let `guardian` act for their child of that name and identity number; a guardian already is answered again.

    Raises InvalidInput for what no identity card says and for who is no minor, Forbidden for a guardian who is not
    verified or not of age, TooManyTries, TryLater while the registry does not answer, WrongState where two act for the
    child already. Refused are names and relations that the registry does not confirm, and numbers of other accounts.
    """
    scope, claim = Scope.for_person(guardian), minor(name, number)
    parent = run(scope, _begin, by)
    verdict = answered(scope, lambda: ask.related(parent, Identity(claim.name, claim.number)), by, give_back=False)
    if verdict is not Verdict.MATCH:
        return not_confirmed(scope, verdict, by)
    child = person_of(claim)
    if child is None:
        return in_conflict(scope, None, by)
    return become_guardian(guardian, parent.name, child, claim, Evidence.REGISTRY, by)


def minor(name: str, number: str) -> Claim:
    """Who a child is by its identity card; raises InvalidInput for what none says, and for who is of age."""
    today = local_date(database().clock.now())
    claim = read_claim(Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, number), today)
    if is_of_age(claim.birth_date, ADULT, today):
        raise InvalidInput("this person is of age and names a proxy themself", code="of_age")
    return claim


def adult(opened: Unit) -> Identity:
    """The verified unit's person; raises Forbidden where they are not verified, or not of age, and WrongState
    `account_closed` where they died or gave up their account.
    """
    if is_closed(opened):
        raise account_closed()
    if not is_of_age(verified(opened).birth_date, ADULT, local_date(opened.now)):
        raise not_of_age()
    return identity_of(opened)


def person_of(claim: Claim) -> uuid.UUID | None:
    """Whose the number is that was confirmed: a fresh person's, or who has it already; None where it is in conflict.

    Who only reserved it may be another guardian's try of this moment: then there is no account yet, or one without a
    phone. An account with a phone counts once it is verified by this number.
    """
    fresh = new_id()
    if reserve_number(fresh, claim):
        return fresh
    found = reserver(IdentityNumber, number_digest(claim.number))
    if found is None:
        return None
    with unit(Scope.for_person(found)) as reading:
        row = locked_person(reading)
        is_child = row is None or row.phone is None or holds_number(reading, number_digest(claim.number))
        return found if is_child and (row is None or row.closed_as is None) else None


def become_guardian(  # who, of whom, by what
    guardian: uuid.UUID, name: str, child: uuid.UUID, claim: Claim, evidence: Evidence, by: Caller
) -> Representation:
    """Open the child's account where it has none, and let the guardian act for it until it is of age."""
    new = New(Kind.GUARDIAN, guardian, name, Reach.EVERYTHING, evidence, guarded_until(claim.birth_date))

    def work(opened: Unit) -> Representation:
        _open(opened, claim, locale, evidence)
        return begin(opened, new, claim.name)

    with unit(Scope.for_person(guardian)) as reading:
        locale = locale_of(reading) or CHINESE
    row = run(Scope.for_person(child), work, by)
    show_at_once(row, claim.name, by)
    return row


def _begin(opened: Unit) -> Identity:
    parent = adult(opened)
    spent = spend_family_try(opened, local_date(opened.now), TRIES)
    if spent is None:
        raise TooManyTries(f"{TRIES} children a day", retry_after=next_day(opened.now))
    record(opened, "resident.child_tried", subject(opened.scope), spent[1], {"tries": spent[0]})
    return parent


def _open(opened: Unit, claim: Claim, locale: str, evidence: Evidence) -> None:
    """The child's account and who it is; what is there stays. Raises NotFound where it is somebody else by now."""
    if open_account(opened, locale):
        person = opened.scope.require_person()
        record(opened, "person.registered", PublicId(PERSON, opened.scope, person), 1, {"locale": locale})
    row = resident(opened, lock=True)
    if row is not None:
        if row.number_digest != number_digest(claim.number):
            raise NotFound
        return
    row = Resident(
        state=VERIFIED, number_digest=number_digest(claim.number), verification_method=evidence, verified_at=opened.now,
        tries_on=local_date(opened.now), tries=0, card_tries=0, version=1, person_id=opened.scope.require_person(),
    )  # fmt: skip
    seal_identity(opened, row, claim)
    opened.add(row)
    facts: Facts = {"document": claim.kind.value, "method": evidence.value}
    record(opened, "resident.verified", subject(opened.scope), 1, facts)
