"""Cases are opened by whom they concern, by relays, and decided by an operator of the platform, or handed over by two.

An operator reads no identity here: what two of them read on somebody's papers (`case_hand_overs`) goes to the account,
which compares it with what it was verified by, and answers whether it is the same.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.errors import Forbidden, NotFound, Refused, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run
from app.identity.api import NoticeKind, part_phone, prove_number, release_login, tell_owner
from app.residents.case_models import AccountCase, CaseKind, CaseOutcome, CaseState
from app.residents.names import CASE_ID, NOTICE_RELAY, OPEN_CASE_RELAY
from tenants.api import PLATFORM, Proposal, person_behind, staff_in, waiting_for

HAND_OVER = "account_hand_over"
"""The act that takes two operators."""
CASE_KEPT = timedelta(days=3 * 365)
"""After its decision: as long as a claim for a wrong one can be brought (Civil Code, article 188)."""


@dataclass(frozen=True)
class Shown:
    """A case as operators read it, with the hand-over that one of them proposed and another one has to confirm."""

    row: AccountCase
    proposal: Proposal | None

    @property
    def version(self) -> int:
        """The case's."""
        return self.row.version


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


def separate(case: PublicId, reason: str, by: Caller, effect: Effect | None) -> Shown:
    """Part a number from the account to which it leads: whoever has it gets an account of their own at the next
    sign-in, the old one stays as it is without a number. Raises NotFound, Forbidden `own_case`, WrongState.

    The account forgets the number before the number leads elsewhere: at no moment does an account have a number that is
    somebody else's, who could then claim that account by it. Before both the case is moved, so that nobody decides
    otherwise meanwhile: one that is cut off here stays `parting`, and an operator asks for the same again.
    """
    found = run(PLATFORM, lambda opened: _begin_parting(opened, case.id, reason), by)
    if found is not None:
        person, login = found
        run(Scope.for_person(person), lambda opened: part_phone(opened, login), by)
        release_login(login, person)
    return _decided(case, CaseOutcome.NEW_ACCOUNT, reason, by, effect)


def dismiss(case: PublicId, reason: str, by: Caller, effect: Effect | None) -> Shown:
    """Leave everything as it is. Raises NotFound, Forbidden `own_case`, WrongState."""
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


def shown(opened: Unit, rows: Sequence[AccountCase]) -> list[Shown]:
    """The cases as operators read them."""
    waiting = waiting_for(opened, HAND_OVER, [subject(row) for row in rows])
    return [Shown(row, waiting.get(str(subject(row)))) for row in rows]


def subject(row: AccountCase) -> PublicId:
    """A case's public id."""
    return PublicId(CASE_ID, Scope.for_tenant(row.tenant_id), row.id)


def undecided(opened: Unit, case: uuid.UUID, state: CaseState = CaseState.OPEN) -> AccountCase:
    """The case, locked until the unit ends; raises NotFound, Forbidden `own_case` where it is the operator's own,
    WrongState `case_not_open` where it is not in `state`.
    """
    row = _held(opened, case)
    if row.state != state:
        raise WrongState(f"the case is {row.state}", code="case_not_open")
    return row


def _held(opened: Unit, case: uuid.UUID) -> AccountCase:
    row = opened.get(AccountCase, case, lock=True)
    if row is None:
        raise NotFound
    if person_behind(opened, staff_in(opened.by.actor)) in (row.person_id, row.holder_id):
        raise Forbidden("somebody else must decide on your own account", code="own_case")
    return row


def _begin_parting(opened: Unit, case: uuid.UUID, reason: str) -> tuple[uuid.UUID, str] | None:
    """The account and the login that are parted from now on; None where the case is not open to that any more."""
    row = _held(opened, case)
    if row.state == CaseState.OPEN:
        if row.kind != CaseKind.NUMBER:
            raise WrongState("no number is in question here", code="case_not_of_number")
        row.state, row.reason, row.version = CaseState.PARTING, reason, row.version + 1
        record(opened, "account_case.parting_begun", subject(row), row.version, {})
    return (row.person_id, row.login) if row.state == CaseState.PARTING and row.login is not None else None


def _open(opened: Unit, payload: dict[str, str]) -> None:
    tell_owner(opened, NoticeKind.NUMBER_CONFLICT)
    asked = PublicId(CASE_ID, opened.scope, new_id())
    record(opened, "account_recovery.asked", asked, 1, {}, [Outgoing(PLATFORM, OPEN_CASE_RELAY, payload)])


def _decided(case: PublicId, outcome: CaseOutcome, reason: str, by: Caller, effect: Effect | None) -> Shown:
    def work(opened: Unit) -> Shown:
        is_parted = outcome is CaseOutcome.NEW_ACCOUNT
        row = undecided(opened, case.id, CaseState.PARTING if is_parted else CaseState.OPEN)
        row.reason = reason
        end(row, outcome, opened.now)
        parted = row.login if is_parted else None
        told = [telling(row.person_id, NoticeKind.NUMBER_PARTED, login=parted)] if parted else []
        record(opened, "account_case.decided", subject(row), row.version, {"outcome": outcome.value}, told)
        return Shown(row, None)

    return run(PLATFORM, work, by, effect=effect)
