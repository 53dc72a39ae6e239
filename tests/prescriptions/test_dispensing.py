"""At the pharmacy: the check, two people, the code, the settlement."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from app.core.errors import Forbidden, InvalidInput, Problem, Refused
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.api import Role
from app.identity.signatures.models import SigningCertificate
from prescriptions import order_queries, verification_queries
from prescriptions.api import Supply, mark_settled, supply_to_settle
from prescriptions.ids import prescription_public_id
from prescriptions.models import RoutingOrder
from prescriptions.order_content import seal_sent, sent_with
from prescriptions.order_timers import end_due
from prescriptions.service import accepting, dispensing
from tenants.models import Staff
from tests.architecture.cast import employed
from tests.platform import Platform
from tests.prescriptions.author_scenes import author_in
from tests.prescriptions.routing_scenes import (
    CODE,
    COUNSELLING,
    OTHER,
    SETTLEMENT,
    Shop,
    Town,
    member,
    owner_of,
    wrong_than,
)
from tests.scheduling.scenes import be_present, new_resident


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def code_of(act: Callable[[], object]) -> str:
    """The code of the problem that `act` raises."""
    with pytest.raises(Problem) as raised:
        act()
    return raised.value.code


def rule_of(act: Callable[[], object]) -> tuple[str, str]:
    """Pointer and rule of the one fault that `act` raises."""
    with pytest.raises(InvalidInput) as raised:
        act()
    return raised.value.faults[0].pointer, raised.value.faults[0].rule


def test_the_check_wants_every_signature_and_a_persons_own(town: Town) -> None:
    town.offered()
    counter, known = town.shop.counter, town.shop.known
    assert code_of(partial(dispensing.check, counter, known)) == "order_not_accepted"
    accepting.accept(counter, known)
    colleague = PublicId("sta", town.shop.scope, employed(town.shop.scope, [Role.PHARMACIST]).id)
    keyless = town.shop.as_member(colleague)
    assert code_of(partial(dispensing.check, keyless, known)) == "presence_needed"
    be_present(colleague)
    assert code_of(partial(dispensing.check, keyless, known)) == "no_signing_key"
    with pytest.raises(Forbidden):
        dispensing.check(town.shop.system, known)
    town.shop.time_is_up(timedelta(days=9), expiry=True)  # the order says another end than what was signed
    assert code_of(partial(dispensing.check, counter, known)) == "signatures_invalid"


def test_a_changed_document_is_not_checked(town: Town) -> None:
    town.offered()
    counter, known = town.shop.counter, town.shop.known
    accepting.accept(counter, known)
    tamper(town.shop)
    assert code_of(partial(dispensing.check, counter, known)) == "signatures_invalid"
    assert town.shop.order().state == "accepted"


def tamper(shop: Shop) -> None:
    """Change one pack in what the hospital sent."""
    order_id = shop.order().id

    def work(opened: Unit) -> None:
        order = opened.get(RoutingOrder, order_id, lock=True)
        assert order
        sent = sent_with(opened, order)
        sent.document["lines"][0]["quantity"] += 1
        order.content = seal_sent(opened, order.id, sent)

    run(shop.scope, work)


def test_two_people_prepare_and_no_system_does(town: Town) -> None:
    town.offered()
    shop, known = town.shop, town.shop.known
    accepting.accept(shop.counter, known)
    dispensing.check(shop.counter, known)
    with pytest.raises(Forbidden):
        dispensing.prepare(shop.system, known)
    dispensing.prepare(shop.bench, known)
    assert code_of(partial(dispensing.verify, shop.bench, known)) == "preparer_verifies"
    with pytest.raises(Forbidden):
        dispensing.verify(shop.system, known)
    assert dispensing.verify(shop.as_member(member(shop.scope, Role.PREPARER)), known).state == "prepared"


def test_nobody_supplies_what_they_prescribed_in_another_tenant(town: Town) -> None:
    town.offered()
    shop, known = town.shop, town.shop.known
    with unit(town.ward.scope) as reading:
        doctor = reading.get(Staff, town.ward.doctor.id)
    assert doctor
    author = shop.as_member(author_in(town))
    accepting.accept(author, known)
    assert code_of(partial(dispensing.check, author, known)) == "own_prescription"
    dispensing.check(shop.counter, known)
    assert code_of(partial(dispensing.prepare, author, known)) == "own_prescription"
    dispensing.prepare(shop.bench, known)
    assert code_of(partial(dispensing.verify, author, known)) == "own_prescription"
    dispensing.verify(shop.counter, known)
    shop.settle()
    given = partial(dispensing.hand_over, author, known, shop.code(), COUNSELLING)
    assert (code_of(given), shop.order().state) == ("own_prescription", "prepared")
    assert str(doctor.person_id) not in str(order_queries.order_of(shop.counter, known))


def test_wrong_codes_lock_and_a_new_code_unlocks(town: Town) -> None:
    town.prepared()
    shop, code = town.shop, town.shop.code()
    answers = [refusal(shop.hand_over(wrong_than(code))) for _ in range(6)]
    assert answers == ["wrong_pickup_code"] * 5 + ["pickup_locked"]
    assert refusal(shop.hand_over(code)) == "pickup_locked"
    order = shop.order()
    assert (order.wrong_codes, order.locked_at is not None, order.state) == (7, True, "prepared")
    renewed = accepting.renew_code(owner_of(order), shop.known)
    assert (renewed.wrong_codes, renewed.locked_at) == (0, None)
    if shop.code() != code:
        assert refusal(shop.hand_over(code)) == "wrong_pickup_code"
    assert not isinstance(shop.hand_over(), Refused)


def refusal(answer: object) -> str:
    """The code of a refusal that was remembered."""
    assert isinstance(answer, Refused)
    return answer.problem.code


def test_a_code_is_there_from_the_acceptance_to_the_end(town: Town) -> None:
    town.offered()
    shop, person = town.shop, owner_of(town.shop.order())
    assert code_of(partial(accepting.renew_code, person, shop.known)) == "order_not_accepted"
    assert order_queries.order_of(person, shop.known).pickup_code is None
    accepting.accept(shop.counter, shop.known)
    code = order_queries.order_of(person, shop.known).pickup_code
    assert code and len(code) == 6 and code == shop.code()
    assert order_queries.order_of(shop.counter, shop.known).pickup_code is None
    accepting.revoke(person, shop.known)
    assert order_queries.order_of(person, shop.known).pickup_code is None
    assert code_of(partial(accepting.renew_code, person, shop.known)) == "order_ended"


def test_what_insurance_asks_of_a_supply(town: Town) -> None:
    prescription = town.offered()
    shop, known = town.shop, town.shop.known
    settlement = PublicId(SETTLEMENT, shop.scope, new_id())

    def asked(**more: bool) -> Supply:
        return run(shop.scope, lambda opened: supply_to_settle(opened, known, **more))

    def settled() -> None:
        run(shop.scope, lambda opened: mark_settled(opened, known, settlement))

    assert code_of(asked) == code_of(settled) == "order_not_prepared"
    shop.prepare()
    supply = asked(lock=True)
    assert (supply.order, supply.resident, supply.total) == (known, prescription.resident_id, 3000)
    assert (supply.hospital, supply.prescription) == (town.ward.scope.tenant, str(prescription_public_id(prescription)))
    assert (supply.diagnoses, supply.state) == (("I10.x05",), "prepared")
    assert [(line.code, line.category, line.quantity, line.amount) for line in supply.lines] == [
        (CODE, "A", 2, 2000), (OTHER, "B", 1, 1000)
    ]  # fmt: skip
    as_resident = Scope.for_tenant(shop.number, as_resident=prescription.resident_id)
    assert run(as_resident, lambda opened: supply_to_settle(opened, known)) == supply
    other = Scope.for_tenant(shop.number, as_resident=new_resident())
    assert code_of(lambda: run(other, lambda opened: supply_to_settle(opened, known))) == "not_found"
    strange = PublicId("rou", town.ward.scope, known.id)
    assert code_of(lambda: run(shop.scope, lambda opened: supply_to_settle(opened, strange))) == "not_found"
    settled()
    assert code_of(asked) == code_of(settled) == "order_settled"
    assert shop.order().settled_by == str(settlement)


def test_a_settlement_comes_when_the_order_has_ended(town: Town) -> None:
    town.offered()
    town.shop.prepare()
    town.shop.time_is_up(expiry=True)
    assert code_of(town.shop.settle) == "order_expired"
    end_due(town.shop.scope)
    assert code_of(town.shop.settle) == "order_expired"


def test_a_person_counsels_and_it_is_kept(town: Town) -> None:
    town.prepared()
    with pytest.raises(Forbidden):
        dispensing.hand_over(town.shop.system, town.shop.known, town.shop.code(), COUNSELLING)
    town.shop.hand_over()
    order = town.shop.order()
    assert order.handed_over_by == town.shop.counter.by.actor
    assert order.counselling and COUNSELLING.encode() not in order.counselling


def test_who_checks_believes_what_the_hospital_knows_of_its_keys_now(town: Town) -> None:
    """A certificate that was revoked before the signature bears nothing, although the signature itself is right."""
    town.offered()
    counter, known = town.shop.counter, town.shop.known
    accepting.accept(counter, known)
    assert verification_queries.of_order(counter, known).holds
    hospital = Scope.for_tenant(town.shop.order().hospital)
    with unit(hospital) as changing:
        for row in changing.all(changing.select(SigningCertificate)):
            row.state, row.reason, row.revoked_at = "revoked", "key_compromise", changing.now - timedelta(days=1)
    assert code_of(partial(dispensing.check, counter, known)) == "signatures_invalid"
    found = verification_queries.of_order(counter, known)
    assert [one.judged.certified for one in found.signatures] == ["revoked", "revoked"]
    with unit(hospital) as changing:
        for row in changing.all(changing.select(SigningCertificate)):
            row.revoked_at = changing.now
    dispensing.check(counter, known)
    found = verification_queries.of_order(counter, known)
    assert [(one.signature["role"], one.judged.certified) for one in found.signatures] == [
        ("doctor", "certified"),
        ("reviewer", "certified"),
        ("checked", "certified"),
    ]
