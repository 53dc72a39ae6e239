"""Asking a doctor for a text visit."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.calendar import local_date
from app.core.clashes import refusing
from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.payments.api import BillLine, open_bill
from app.residents.api import ADULT, Contract, Verified, active_contract, guardian_needed, is_of_age, verified
from app.visits.content import seal_complaint, seal_evidence
from app.visits.errors import already_open, may_not_practise, no_basis, no_text_visits
from app.visits.ids import visit_public_id
from app.visits.models import ONE_OPEN, Visit, VisitFee
from app.visits.names import VISIT_ID
from app.visits.rules.basis import Evidence, LegalBasis, refusal
from app.visits.rules.moves import State
from app.visits.service.moving import facts_of
from app.visits.service.telling import show, show_at_once
from tenants.api import doctor_may_visit_online, name_of, remembering, responsible_institution

LINE = "text_visit"
LINE_NAME = "图文问诊费"


@dataclass(frozen=True)
class Terms:
    """The times of a visit, fixed when it is asked for."""

    take: timedelta
    window: timedelta


@dataclass(frozen=True)
class Wish:
    """What a resident asks a doctor for."""

    doctor: PublicId
    subject: str
    basis: LegalBasis
    complaint: str = field(repr=False)
    evidence: Evidence | None = field(default=None, repr=False)


def request(person: uuid.UUID, wish: Wish, terms: Terms, by: Caller, effect: Effect | None = None) -> Visit:
    """Ask for a visit as the verified resident `person`; it waits for its fee.

    One unit, bound to the doctor's tenant and the resident. Raises Forbidden `resident_unverified` and, where a minor
    asks alone, `guardian_needed`, NotFound, InvalidInput where the doctor is none, not of that subject, or there is no
    lawful basis (`rules.basis`), and WrongState with the code of what else stands against it: the doctor's or the
    site's papers, `no_text_visits`, `visit_open` (one open visit per resident, doctor and subject).
    """
    with unit(Scope.for_person(person), by) as reading:
        _refuse_minor_alone(verified(reading), reading)
    if wish.doctor.scope.tenant is None:
        raise NotFound

    def work(opened: Unit) -> Visit:
        _refuse_doctor(opened, wish)
        contract = _contract(opened, person, wish)
        visit = _new(opened, person, wish, terms)
        visit.contract_id = contract.id.id if contract else None
        with refusing(opened, ONE_OPEN, already_open):
            opened.add(visit)
        record(opened, "visit.requested", visit_public_id(visit), 1, facts_of(visit), [show(visit)])
        return visit

    tenant = wish.doctor.scope.tenant
    with remembering(Scope.for_tenant(tenant), "visit.request", wish.doctor, by):
        visit = run(Scope.for_tenant(tenant, as_resident=person), work, by, effect=effect)
    show_at_once(visit, by)
    return visit


def _refuse_minor_alone(who: Verified, opened: Unit) -> None:
    """A minor's visit is asked for by who acts for them: that is a guardian, minors name no proxies."""
    if not opened.by.behalf and not is_of_age(who.birth_date, ADULT, local_date(opened.now)):
        raise guardian_needed()


def _refuse_doctor(opened: Unit, wish: Wish) -> None:
    against = doctor_may_visit_online(opened, wish.doctor.id, wish.subject, local_date(opened.now))
    if against:
        raise may_not_practise(against, of_request=True)


def _contract(opened: Unit, person: uuid.UUID, wish: Wish) -> Contract | None:
    """The contract that is the basis, if one is; raises InvalidInput without a lawful basis."""
    today = local_date(opened.now)
    by_contract = wish.basis is LegalBasis.FAMILY_CONTRACT
    contract = active_contract(opened, person, today) if by_contract else None
    against = refusal(wish.basis, wish.evidence, today, contract=contract is not None)
    if against:
        raise no_basis(against)
    return contract


def _new(opened: Unit, person: uuid.UUID, wish: Wish, terms: Terms) -> Visit:
    id, fee = new_id(), opened.get(VisitFee, wish.doctor.id)
    if fee is None:
        raise no_text_visits()
    purpose = PublicId(VISIT_ID, Scope.for_tenant(opened.scope.require_tenant()), id)
    site = responsible_institution(opened, local_date(opened.now))
    bill = open_bill(opened, payer=person, purpose=purpose, lines=[BillLine(LINE, LINE_NAME, fee.text_visit)])
    return Visit(
        tenant_id=opened.scope.require_tenant(), id=id, resident_id=person, doctor_id=wish.doctor.id,
        doctor_name=name_of(opened, wish.doctor.id), subject=wish.subject, legal_basis=wish.basis,
        complaint=seal_complaint(opened, id, wish.complaint), state=State.AWAITING_PAYMENT, fee=fee.text_visit,
        institution_name=site.name, institution_license=site.license_number,
        evidence=seal_evidence(opened, id, wish.evidence) if wish.evidence else None, bill_id=bill.id,
        take_seconds=int(terms.take.total_seconds()), window_seconds=int(terms.window.total_seconds()),
        due_at=opened.now + terms.take, sole=True, version=1, created_at=opened.now,
    )  # fmt: skip
