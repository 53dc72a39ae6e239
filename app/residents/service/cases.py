"""Cases are opened by whom they concern, by relays, and decided by an operator of the platform.

An operator reads no identity here: what they read on somebody's papers goes to the account, which compares it with what
it was verified by, and answers whether it is the same. So nobody hands an account over without papers that fit.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.calendar import local_date
from app.core.errors import NotFound, Refused, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run, unit
from app.identity.api import NoticeKind, prove_number, release_login, tell_owner
from app.residents.case_models import AccountCase, CaseKind, CaseOutcome, CaseState
from app.residents.names import CASE_ID, CHECK_RELAY, NOTICE_RELAY, OPEN_CASE_RELAY
from app.residents.rules.documents import DocumentKind, Stated, read_claim
from tenants.api import PLATFORM

CASE_KEPT = timedelta(days=3 * 365)
"""After its decision: as long as a claim for a wrong one can be brought (Civil Code, article 188)."""


@dataclass(frozen=True)
class Papers:
    """What an operator read on the identity card of whoever stands before them."""

    name: str = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """What everybody is answered who asks for an account, whatever comes of it."""

    asked_at: datetime


def ask(phone: str, code: str, request_id: str) -> Asked | Refused:
    """Ask an operator for the account to which `phone` leads, with a code that was sent there.

    A case is opened, and its owner told, where the account has something to protect; the answer is the same.
    """
    proved = prove_number(phone, code, request_id)
    if isinstance(proved, Refused):
        return proved
    if proved.protected is not None:
        payload = {"kind": CaseKind.NUMBER.value, "person": str(proved.protected), "login": proved.login}
        scope = Scope.for_person(proved.protected)
        run(scope, lambda opened: _open(opened, payload), Caller("anonymous", request_id))
    return Asked(database().clock.now())


def hand_over(case: PublicId, papers: Papers, by: Caller, effect: Effect | None) -> AccountCase:
    """Have the account compare `papers` with what it was verified by; where they fit, it is handed over.

    Raises InvalidInput for what no identity card says, NotFound, WrongState.
    """
    stated = Stated(papers.name, DocumentKind.RESIDENT_IDENTITY_CARD, papers.number)
    claim = read_claim(stated, local_date(database().clock.now()))

    def work(opened: Unit) -> AccountCase:
        row = _undecided(opened, case.id)
        row.state, row.version = CaseState.CHECKING, row.version + 1
        payload = {"case": str(row.id), "kind": row.kind, "version": row.version}
        sent = Outgoing(
            Scope.for_person(row.holder_id or row.person_id), CHECK_RELAY,
            {**payload, "name": claim.name, "number": claim.number},
        )  # fmt: skip
        record(opened, "account_case.papers_seen", subject(row), row.version, {}, [sent])
        return row

    return run(PLATFORM, work, by, effect=effect)


def separate(case: PublicId, reason: str, by: Caller, effect: Effect | None) -> AccountCase:
    """Part a number from the account to which it leads: whoever has it gets an account of their own at the next
    sign-in, the old one stays as it is without a number. Raises NotFound, WrongState.
    """
    with unit(PLATFORM) as reading:
        known = reading.get(AccountCase, case.id)
        person, login = (known.person_id, known.login) if known and known.state == CaseState.OPEN else (None, None)
    if person is not None and login is not None:
        release_login(login, person)  # before the decision: a case that is cut off here stays open, and is asked again
    return _decided(case, CaseOutcome.NEW_ACCOUNT, reason, by, effect)


def dismiss(case: PublicId, reason: str, by: Caller, effect: Effect | None) -> AccountCase:
    """Leave everything as it is. Raises NotFound, WrongState."""
    return _decided(case, CaseOutcome.DISMISSED, reason, by, effect)


def opening(kind: CaseKind, person: uuid.UUID, holder: uuid.UUID) -> Outgoing:
    """What tells the platform of a conflict between two accounts."""
    return Outgoing(PLATFORM, OPEN_CASE_RELAY, {"kind": kind.value, "person": str(person), "holder": str(holder)})


def telling(owner: uuid.UUID, kind: NoticeKind, **more: str) -> Outgoing:
    """What tells the owner of another account."""
    return Outgoing(Scope.for_person(owner), NOTICE_RELAY, {"kind": kind.value, **more})


def end(row: AccountCase, outcome: CaseOutcome, now: datetime) -> None:
    """The case is decided."""
    row.state, row.outcome, row.version = CaseState.DECIDED, outcome, row.version + 1
    row.decided_at, row.due_at = now, now + CASE_KEPT


def subject(row: AccountCase) -> PublicId:
    """A case's public id."""
    return PublicId(CASE_ID, Scope.for_tenant(row.tenant_id), row.id)


def _open(opened: Unit, payload: dict[str, str]) -> None:
    tell_owner(opened, NoticeKind.NUMBER_CONFLICT)
    asked = PublicId(CASE_ID, opened.scope, new_id())
    record(opened, "account_recovery.asked", asked, 1, {}, [Outgoing(PLATFORM, OPEN_CASE_RELAY, payload)])


def _decided(case: PublicId, outcome: CaseOutcome, reason: str, by: Caller, effect: Effect | None) -> AccountCase:
    def work(opened: Unit) -> AccountCase:
        row = _undecided(opened, case.id)
        if outcome is CaseOutcome.NEW_ACCOUNT and row.kind != CaseKind.NUMBER:
            raise WrongState("no number is in question here", code="case_not_of_number")
        row.reason = reason
        end(row, outcome, opened.now)
        parted = row.login if outcome is CaseOutcome.NEW_ACCOUNT else None
        told = [telling(row.person_id, NoticeKind.NUMBER_PARTED, login=parted)] if parted else []
        record(opened, "account_case.decided", subject(row), row.version, {"outcome": outcome.value}, told)
        return row

    return run(PLATFORM, work, by, effect=effect)


def _undecided(opened: Unit, case: uuid.UUID) -> AccountCase:
    row = opened.get(AccountCase, case, lock=True)
    if row is None:
        raise NotFound
    if row.state != CaseState.OPEN:
        raise WrongState(f"the case is {row.state}", code="case_not_open")
    return row
