"""Ways around the rules that somebody may try: each is refused, whoever tries it."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import event, update

from app.core.errors import Forbidden, NotFound, Problem
from app.core.ids import PublicId, new_id
from app.core.unit import Caller, Unit, run
from app.identity.api import Role
from app.identity.signatures.service import make
from app.visits.ids import visit_public_id
from app.visits.models import Visit
from app.visits.rules.basis import LegalBasis
from app.visits.rules.moves import StopReason
from app.visits.service import acting, messages, records
from app.visits.timers import end_due
from prescriptions import queries
from prescriptions.ids import PrescriptionViewer
from prescriptions.models import Medicine, Prescription
from prescriptions.rules.ends import WithdrawReason
from prescriptions.rules.findings import Code
from prescriptions.rules.orders import DeclineReason
from prescriptions.rules.prescriptions import Event
from prescriptions.service import accepting, dispensing, ending, formulary, reviewing, signing
from prescriptions.service.details import Detail
from prescriptions.service.products import Told, tell
from tenants.api import end_staff
from tenants.models import Staff
from tenants.states import StaffState
from tests.core.journal.scenes import eventually
from tests.platform import Platform, new_tenant
from tests.prescriptions.routing_scenes import MEDICINES, Shop, Town, quoted, suspend
from tests.prescriptions.scenes import (
    AMLODIPINE,
    BY,
    NAME,
    OTHER,
    Ward,
    codes,
    known,
    line,
    person_of,
)
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import FAR
from tests.visits.scenes import CONCLUSION, FEE, WORD, time_is_up

ADVERSE = WithdrawReason.ADVERSE_REACTION


def refused(act: Callable[[], object]) -> tuple[str, list[str]]:
    """The code, and the rules that are named, with which `act` is refused."""
    with pytest.raises(Problem) as problem:
        act()
    return problem.value.code, [one.rule for one in problem.value.faults]


def rejoined(left: PublicId, role: Role) -> PublicId:
    """The person of an affiliation leaves the staff and joins it again, as something else."""
    end_staff(left, BY)

    def join(opened: Unit) -> Staff:
        former = opened.get(Staff, left.id)
        assert former
        again = Staff(
            id=new_id(), person_id=former.person_id, name=former.name, roles=[role], subjects=[], version=1,
            registration_number="P-1", registration_until=FAR, state=StaffState.ACTIVE, created_at=datetime.now(UTC),
        )  # fmt: skip
        return opened.add(again)

    joined = PublicId("sta", left.scope, run(left.scope, join).id)
    make(left.scope, Caller(f"staff:{joined}"))
    return joined


def staff(ward: Ward, member: PublicId, **may: bool) -> PrescriptionViewer:
    """A member of the hospital's staff as who acts."""
    return PrescriptionViewer(ward.scope, Caller(f"staff:{member}"), **may)


def unregister(ward: Ward) -> None:
    """The doctor's registration ended."""
    ended = update(Staff).where(Staff.tenant_id == ward.scope.tenant, Staff.id == ward.clinic.doctor.id)
    run(ward.scope, lambda opened: opened.session.execute(ended.values(registration_until=date(2026, 1, 1))))


def test_nobody_reviews_their_own_work_under_another_affiliation(ward: Ward) -> None:
    review = ward.review(ward.signed())
    again = staff(ward, rejoined(ward.clinic.doctor, Role.PHARMACIST), reviewer=True)
    assert refused(lambda: reviewing.take(again, review)) == ("own_prescription", [])


def test_nobody_verifies_their_own_work_under_another_affiliation(platform: Platform) -> None:
    town = Town(platform)
    town.offered()
    shop, order = town.shop, town.shop.known
    accepting.accept(shop.counter, order)
    dispensing.check(shop.counter, order)
    dispensing.prepare(shop.bench, order)
    again = shop.as_member(rejoined(shop.preparer, Role.PREPARER))
    assert refused(lambda: dispensing.verify(again, order)) == ("preparer_verifies", [])
    assert dispensing.verify(shop.counter, order).state == "prepared"


def stop(ward: Ward, detail: Detail) -> Visit:
    """The visit of a prescription turns out to be a first one."""
    visit = PublicId("vis", ward.scope, detail.row.visit_id)
    return acting.stop(ward.clinic.viewer(), visit, StopReason.FIRST_VISIT)


def test_a_visit_with_a_signed_prescription_is_not_stopped(ward: Ward) -> None:
    """Nor one whose medicines were handed over, nor while the pharmacy that has the order has not answered."""
    waiting, held, supplied = ward.signed(), ward.ready(), ward.ready()
    pharmacy = new_tenant()
    for one in (held, supplied):
        ward.offered(one, pharmacy)
    ward.moved(supplied, Event.FULFILLED)
    ending.withdraw(ward.doctor, known(held), ADVERSE)
    for one in (waiting, held, supplied):
        assert refused(partial(stop, ward, one)) == ("prescription_stands", [])
    assert [ward.clinic.refunds(ward.visit_of(one)) for one in (waiting, held, supplied)] == [[]] * 3
    ending.withdraw(ward.doctor, known(waiting), ADVERSE)
    ward.moved(held, Event.ORDER_ENDED)
    for one in (waiting, held):
        assert (stop(ward, one).state, ward.now(one).reason) == ("stopped", "adverse_reaction")
    assert [ward.clinic.refunds(ward.visit_of(one)) for one in (waiting, held)] == [[FEE]] * 2


def test_a_visit_that_is_no_care_bears_no_prescription(ward: Ward) -> None:
    waiting, ready, held = ward.signed(), ward.ready(), ward.ready()
    pharmacy = new_tenant()
    ward.offered(held, pharmacy)
    ward.abandoned(waiting, ready, held)
    ward.settle()
    eventually(lambda: ward.now(held).stopping == "withdrawn")
    ended = [ward.now(one) for one in (waiting, ready)]
    assert [(one.state, one.reason) for one in ended] == [("withdrawn", "visit_not_completed")] * 2
    assert ward.review_now(waiting).state == "dropped"
    ward.settle(person_of(ready))
    own = queries.own(person_of(ready), {"limit": 20, "cursor": ""}).data
    assert [(one.state, one.reason) for one in own] == [("withdrawn", "visit_not_completed")]


def test_a_visit_that_waits_for_its_conclusion_bears_what_was_signed_and_nothing_more(ward: Ward) -> None:
    ready = ward.ready()
    draft = ward.draft(line(OTHER), visit=ward.visit_of(ready))
    time_is_up(ward.clinic, ready.row.visit_id)
    assert end_due(ward.scope) == 1
    ward.settle()
    assert ward.now(ready).state == "ready"
    assert refused(lambda: signing.sign(ward.doctor, known(draft), ())) == ("prescription_blocked", ["visit_not_open"])


def test_a_completed_visit_keeps_its_prescription(ward: Ward) -> None:
    visit = ward.clinic.ready(ward.platform)
    signed = ward.signed(visit=visit)
    acting.complete(ward.clinic.viewer(), visit_public_id(visit))
    ward.settle()
    assert ward.now(signed).state == "pending_review"


def test_a_visit_bears_prescriptions_for_a_week(ward: Ward, clock: Clock) -> None:
    visit = ward.clinic.ready(ward.platform)
    acting.complete(ward.clinic.viewer(), visit_public_id(visit))
    draft = ward.draft(visit=visit)
    clock.forward(days=8)
    assert refused(lambda: signing.sign(ward.doctor, known(draft), ())) == (
        "prescription_blocked", ["visit_too_long_ago"],
    )  # fmt: skip


def test_days_are_not_doubled_by_a_second_prescription(ward: Ward) -> None:
    visit = ward.visit()
    long = line(days=84, quantity=12)
    first, second = (ward.draft(long, visit=visit, assessment="病情稳定") for _ in range(2))
    signing.sign(ward.doctor, known(first), ())
    again = refused(lambda: signing.sign(ward.doctor, known(second), ("duplicate_ingredient",)))
    assert again == ("prescription_blocked", ["duplicate_ingredient"])
    assert codes(ward.draft(long, line(OTHER), visit=visit, assessment="病情稳定")) == [(Code.DUPLICATE, 1)]
    ending.withdraw(ward.doctor, known(first), WithdrawReason.WRITTEN_WRONGLY)
    assert signing.sign(ward.doctor, known(second), ()).row.state == "pending_review"


def test_another_visit_shows_what_the_hospital_prescribed_a_moment_ago(ward: Ward) -> None:
    treated = ward.visit()
    first = ward.signed(visit=treated)
    messages.write(ward.clinic.viewer(), visit_public_id(treated), WORD)
    acting.complete(ward.clinic.viewer(), visit_public_id(treated))
    other = ward.visit(person=first.row.resident_id)
    assert codes(ward.draft(visit=other)) == [(Code.TAKEN_ALREADY, 1)]


def test_a_doctor_who_may_no_more_has_nothing_passed(ward: Ward) -> None:
    taken = ward.taken()
    unregister(ward)
    passing = refused(lambda: reviewing.let_pass(ward.reviewer, ward.review(taken), ("doctor_registration_ended",)))
    assert passing == ("prescription_blocked", ["doctor_registration_ended"])
    assert ward.now(taken).state == "pending_review"


def test_what_the_formulary_lost_meanwhile_does_not_pass(ward: Ward) -> None:
    taken = ward.taken()
    medicine = queries.medicines(ward.scope, {"limit": 20, "cursor": "", "name": NAME}).data[0]
    formulary.change(formulary.medicine_public_id(medicine), formulary.Change(AMLODIPINE, False), 1, BY)
    passing = refused(lambda: reviewing.let_pass(ward.reviewer, ward.review(taken), ()))
    assert passing == ("prescription_blocked", ["medicine_not_in_formulary"])


def test_no_label_makes_a_controlled_medicine_ordinary(ward: Ward) -> None:
    """Neither when it is listed, nor where it was listed before the ingredient was known."""
    tramadol = replace(AMLODIPINE, name="盐酸曲马多缓释片", ingredient_group="N02AX02")
    listed = formulary.add(ward.scope, "86900000000099", tramadol, BY)
    assert listed.control == "psychotropic_2"

    def relabel(opened: Unit) -> None:
        row = opened.get(Medicine, listed.id)
        assert row
        row.control = "ordinary"

    run(ward.scope, relabel)
    assert (Code.FORBIDDEN, 1) in codes(ward.draft(line("86900000000099")))
    again = formulary.Change(replace(tramadol, name="曲马多"), listed=True)
    assert formulary.change(formulary.medicine_public_id(listed), again, 1, BY).control == "psychotropic_2"


def test_a_doctor_who_is_said_to_be_present_replaces_no_evidence(ward: Ward) -> None:
    visit = ward.clinic.taken(ward.platform, basis=LegalBasis.WITH_DOCTOR_PRESENT)
    records.write(ward.clinic.viewer(), visit_public_id(visit), CONCLUSION, 1)
    assert codes(ward.draft(visit=visit)) == [(Code.FIRST_VISIT, None)]


def unattended(ward: Ward) -> list[uuid.UUID]:
    """What somebody else may have to withdraw."""
    return [row.id for row in queries.unattended(ward.scope, {"limit": 20, "cursor": ""}).data]


def test_somebody_withdraws_what_a_doctor_wrote_who_left(ward: Ward) -> None:
    ready, waiting = ward.ready(), ward.signed()
    head = staff(ward, ward.clinic.hospital.member(Role.MEDICAL_AFFAIRS), deputy=True)
    assert refused(lambda: ending.withdraw(head, known(ready), ADVERSE)) == ("doctor_can_act", [])
    ward.draft()
    assert unattended(ward) == []
    unregister(ward)
    assert unattended(ward) == [ready.row.id, waiting.row.id]
    assert ending.withdraw(head, known(waiting), ADVERSE).row.state == "withdrawn"
    assert unattended(ward) == [ready.row.id]
    end_staff(ward.clinic.doctor, BY)
    for other in (ward.clinic_other(), ward.reviewer):
        with pytest.raises(Forbidden):
            ending.withdraw(other, known(ready), ADVERSE)
    elsewhere = PrescriptionViewer(new_tenant(), head.by, deputy=True)
    with pytest.raises(NotFound):
        ending.withdraw(elsewhere, known(ready), ADVERSE)
    assert ending.withdraw(head, known(ready), ADVERSE).row.reason == "adverse_reaction"


def test_the_list_of_them_asks_once_for_all_doctors(platform: Platform, ward: Ward) -> None:
    first, second = ward.signed(), ward.signed()

    def statements() -> int:
        seen = list[str]()

        def note(*said: object) -> None:
            seen.append(str(said[2]))

        event.listen(platform.app, "before_cursor_execute", note)
        assert unattended(ward) == []
        event.remove(platform.app, "before_cursor_execute", note)
        return len(seen)

    of_one = statements()
    also = update(Prescription).where(Prescription.tenant_id == ward.scope.tenant, Prescription.id == second.row.id)
    run(ward.scope, lambda opened: opened.session.execute(also.values(doctor_id=ward.clinic.hospital.doctor().id)))
    assert statements() == of_one
    unregister(ward)
    assert unattended(ward) == [first.row.id]


def test_a_suspended_hospital_sends_nothing_to_pharmacies(platform: Platform) -> None:
    town = Town(platform, shops=(Shop(), Shop(price=500)))
    dear, cheap = town.shops
    prescription = town.offered(dear, cheap)
    waiting = town.ward.ready()
    suspend(town.ward.scope)
    assert refused(lambda: quoted(waiting, cheap)) == ("tenant_suspended", [])
    accepting.decline(dear.counter, dear.known, DeclineReason.OUT_OF_STOCK)
    town.settle()
    now = town.ward.now(prescription)
    assert (now.state, now.waiting, cheap.orders()) == ("ready", "choice", [])


def test_what_nobody_can_pay_is_not_on_offer(platform: Platform) -> None:
    town = Town(platform)
    (code, name, *_), (other, second, *_) = MEDICINES
    tell(town.shop.scope, Told(code, name, 49_999_999_999, 100), BY)
    tell(town.shop.scope, Told(other, second, 1, 100), BY)
    ready = town.ward.ready()
    assert [(one.quote.total, one.quote.available) for one in quoted(ready, town.shop)] == [(99_999_999_999, True)]
    tell(town.shop.scope, Told(other, second, 2, 100), BY)
    assert [one.quote.available for one in quoted(ready, town.shop)] == [False]


def test_a_pharmacy_without_papers_prepares_nothing_to_be_paid_for(platform: Platform) -> None:
    town = Town(platform)
    town.offered()
    shop, order = town.shop, town.shop.known
    accepting.accept(shop.counter, order)
    dispensing.check(shop.counter, order)
    dispensing.prepare(shop.bench, order)
    shop.end_license()
    assert refused(lambda: dispensing.verify(shop.counter, order)) == ("not_licensed", [])
