"""A resident asks who would bear what of a visit or a supply."""

import uuid
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from app.core.idempotency import KEPT, KeyedEffect, key_is_taken
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run, unit
from app.payments.api import LARGEST
from insurance.errors import coverage_needed, key_reused, not_to_settle, settlement_exists
from insurance.ids import settlement_id
from insurance.models import Settlement
from insurance.rules.adjudication import Line, adjudicate
from insurance.rules.settlements import LIVE, Kind, Payer, State, to_pay
from insurance.rules.splits import all_own
from insurance.service.connections import reach_of
from insurance.service.content import Content, seal_content
from insurance.service.coverages import Covered, own_coverage, used_of
from insurance.service.driving import drive
from insurance.service.moving import facts_of
from insurance.service.showing import Shown, shown
from insurance.service.subjects import Subject, subject_of


@dataclass(frozen=True)
class Wish:
    """What is to be settled, and by which coverage; None: the resident bears all of it."""

    subject: PublicId
    coverage: PublicId | None


@dataclass(frozen=True)
class Plan:
    """By what a settlement is made, found before its unit begins."""

    covered: Covered | None = field(repr=False)
    expected: int
    """What an insurer that decides later will probably bear, in fen."""

    @property
    def payer(self) -> Payer:
        """Who bears what the resident does not."""
        return Payer(self.covered.payer_kind) if self.covered else Payer.SELF


def ask(person: uuid.UUID, wish: Wish, by: Caller, effect: KeyedEffect) -> Shown:
    """A trial: it holds nothing. A public scheme is asked outside every unit; where it does not answer in time, the
    worker goes on asking.

    The same idempotency key finds the same settlement. Raises NotFound, and WrongState: `coverage_not_active`,
    `settlement_exists`, `scheme_not_connected`, `amount_too_large`, and what stands against settling the subject.
    """
    tenant = wish.subject.scope.require_tenant()
    plain, narrow = Scope.for_tenant(tenant), Scope.for_tenant(tenant, as_resident=person)
    asked = _known(plain, wish, by, effect)
    if asked is None:
        plan = _planned(narrow, person, wish)
        asked = run(plain, lambda opened: _begun(opened, person, wish, plan, effect), by)
    drive(plain, asked)
    return run(narrow, lambda opened: shown(opened, asked), by, effect=effect)


def _known(scope: Scope, wish: Wish, by: Caller, effect: KeyedEffect) -> uuid.UUID | None:
    """The settlement that this request made before; raises InvalidInput where the key stands for another request."""
    with unit(scope, by) as reading:
        taken = key_is_taken(reading, effect)
        found = _asked_before(reading, effect)
        if found is not None and (taken or not _is_over(reading, found, wish)):
            if not _is_for(found, wish):
                raise key_reused()
            return found.id
        if taken:
            raise key_reused()
        return None


def _asked_before(opened: Unit, effect: KeyedEffect) -> Settlement | None:
    return opened.first(opened.select(Settlement).where(Settlement.asked == _digest(opened, effect)))


def _is_for(found: Settlement, wish: Wish) -> bool:
    return (found.subject, found.coverage) == (str(wish.subject), wish.coverage.id if wish.coverage else None)


def _is_over(opened: Unit, found: Settlement, wish: Wish) -> bool:
    """Whether the time of the key by which `found` was asked for is over. For the same wish it stands for that
    settlement as long as that lives.
    """
    return found.created_at + KEPT <= opened.now and not (_is_for(found, wish) and found.state in LIVE)


def _let_go(opened: Unit, wish: Wish, effect: KeyedEffect) -> None:
    """Free the key of `effect`, whose time is over, for another settlement."""
    found = _asked_before(opened, effect)
    if found is not None and _is_over(opened, found, wish):
        found.asked = opened.blind.digest("settlement", str(settlement_id(found)))
        opened.session.flush()


def _digest(opened: Unit, effect: KeyedEffect) -> str:
    return opened.blind.digest("settlement", f"{effect.principal}/{effect.name}")


def _planned(narrow: Scope, person: uuid.UUID, wish: Wish) -> Plan:
    """Each scope is read in a unit of its own: the subject at its provider, the coverage with its person, what is used
    of a year at the insurer.
    """
    with unit(narrow) as reading:
        subject = subject_of(reading, wish.subject, person)
    if wish.coverage is None:
        if subject.kind is Kind.VISIT:
            raise coverage_needed()
        return Plan(None, 0)
    with unit(Scope.for_person(person)) as reading:
        covered = own_coverage(reading, wish.coverage, subject.service_date)
    commercial = covered.payer_kind == Payer.COMMERCIAL
    return Plan(covered, _expected(covered, subject) if commercial else 0)


def _expected(covered: Covered, subject: Subject) -> int:
    lines = [Line(item.sequence, subject.kind, item.category, item.amount) for item in subject.items]
    with unit(Scope.for_tenant(covered.insurer)) as reading:
        used = used_of(reading, covered.id.id, benefit_year(subject.service_date))
    return adjudicate(covered.policy, lines, used).totals.fund


def benefit_year(on: date) -> int:
    """The year whose benefits a supply on that local date uses."""
    return on.year


def _begun(opened: Unit, person: uuid.UUID, wish: Wish, plan: Plan, effect: KeyedEffect) -> uuid.UUID:
    subject = subject_of(opened, wish.subject, person, lock=True)
    if plan.payer is Payer.PUBLIC_SCHEME and plan.covered and reach_of(opened, plan.covered.insurer) is None:
        raise not_to_settle("scheme_not_connected", "this provider is not connected to the scheme")
    _refuse_too_large(subject, plan)
    _let_go(opened, wish, effect)
    row = _values(opened, subject, plan) | {"asked": _digest(opened, effect)}
    made = insert(Settlement).values(row).on_conflict_do_nothing().returning(Settlement.id)
    if opened.session.execute(made).first() is None:
        raise settlement_exists()
    found = opened.session.scalars(opened.select(Settlement).where(Settlement.id == row["id"])).one()
    record(opened, f"settlement.{found.state}", settlement_id(found), 1, facts_of(found))
    return found.id


def _refuse_too_large(subject: Subject, plan: Plan) -> None:
    """What a scheme's answer will leave to be paid is looked at when it is there."""
    if plan.payer is Payer.PUBLIC_SCHEME:
        return
    if to_pay(plan.payer, subject.kind, subject.total, subject.total) > LARGEST:
        raise not_to_settle("amount_too_large", "this is more than gateways take at once")


def _values(opened: Unit, subject: Subject, plan: Plan) -> dict[str, object]:
    own, split, covered = new_id(), all_own(subject.items), plan.covered
    state = State.ASKED if plan.payer is Payer.PUBLIC_SCHEME else State.TRIAL
    content = Content(subject.items, subject.diagnoses, split.lines, covered.member_number if covered else "")
    visit = subject.kind is Kind.VISIT
    return {
        "tenant_id": opened.scope.require_tenant(), "id": own, "resident_id": subject.resident,
        "subject": str(subject.id), "kind": subject.kind, "payer": plan.payer,
        "insurer": covered.insurer if covered else None, "coverage": covered.id.id if covered else None,
        "content": seal_content(opened, "settlements", own, content), "total": subject.total, "fund": 0, "account": 0,
        "cash": subject.total, "fund_parts": {}, "expected": plan.expected, "service_date": subject.service_date,
        "visit_bill_id": subject.paid_by.id if subject.paid_by else None, "prepaid": subject.total if visit else 0,
        "state": state, "tries": 0, "due_at": opened.now if state is State.ASKED else None, "version": 1,
        "created_at": opened.now,
    }  # fmt: skip
