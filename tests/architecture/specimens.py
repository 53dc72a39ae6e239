"""How to make a thing for each kind of id that a path may take.

A new `<thing_id>` in a path asks for a line here: a function that makes one in `scope`, which is a fresh tenant or
person of its own, and returns its public id. It gets the ids made so far for the same path, in their order.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.core.blobs import arriving, settle
from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.pictures import cleaned
from app.core.scope import Scope, ScopeKind
from app.core.send.models import Delivery
from app.core.unit import Unit, database, run, unit
from app.payments.api import BILL_ID, PAYMENT_ID, BillLine, open_bill
from app.payments.ids import bill_id, payment_id, refund_id
from app.payments.models import MerchantAccount, Payment, Refund
from app.residents.export_models import DataExport
from app.residents.service.exports import Form, export_id
from app.residents.service.exports import place_of as export_place
from app.scheduling.ids import appointment_public_id
from app.visits.content import seal_complaint, seal_picture, seal_record
from app.visits.ids import visit_public_id
from app.visits.models import Visit, VisitPicture, VisitRecord
from app.visits.names import PICTURE_ID, VISIT_ID
from app.visits.rules.conclusion import Written
from insurance.coverage_ids import coverage_public_id
from insurance.models.coverages import PersonCoverage
from insurance.models.eligibility import EligibilityCheck
from insurance.service.eligibility import check_id
from insurance.service.sealing import seal_own_number
from prescriptions.content import Written as Prescribed
from prescriptions.content import seal_document, seal_written
from prescriptions.ids import prescription_public_id, review_public_id
from prescriptions.models.prescribing import Medicine, Prescription, PrescriptionReview
from prescriptions.names import MEDICINE_ID, PRESCRIPTION_ID
from prescriptions.rules.documents import canonical
from tenants.models import Application
from tenants.names import APPLICATION_ID, DELIVERY_ID, PLATFORM
from tests.architecture import (
    claim_specimens,
    consent_specimens,
    desk_specimens,
    factor_specimens,
    family_specimens,
    pharmacy_specimens,
    practice_specimens,
)
from tests.architecture.cast import SECRET
from tests.core.journal.scenes import seal_all, send_notes
from tests.core.pictures import jpeg
from tests.dummy.models import Note
from tests.platform import Platform, new_tenant
from tests.receiver import hear
from tests.scheduling.scenes import Hospital, booked

Made = Mapping[str, str]


@dataclass(frozen=True)
class Specimen:
    """In what kind of scope a thing lives, and how to make one there."""

    make: Callable[[Scope, Made], str]
    kind: ScopeKind = ScopeKind.TENANT


def note(scope: Scope, made: Made) -> str:
    """A note of the dummy slice."""
    row = Note(id=new_id(), resident_id=new_id(), words=SECRET, state="sent", version=1)
    return str(PublicId("note", scope, run(scope, lambda opened: opened.add(row)).id))


def application(scope: Scope, made: Made) -> str:
    """An organization's application."""

    def make() -> Application:
        return run(
            scope,
            lambda opened: opened.add(
                Application(
                    id=new_id(), resident_id=new_id(), name=SECRET, kind="pharmacy", documents=[], state="submitted",
                    version=1, submitted_at=opened.now,
                )
            ),
        )  # fmt: skip

    return str(PublicId(APPLICATION_ID, scope, make().id))


def appointment(scope: Scope, made: Made) -> str:
    """A place that somebody holds in a slot of a fresh hospital."""
    return str(appointment_public_id(booked(Hospital(scope).slot(fee_lines=[]))))


def bill(scope: Scope, made: Made, tenant: Scope | None = None) -> str:
    """A bill for the person, at some hospital."""
    tenant = tenant or new_tenant()
    lines = [BillLine("fee", "x", 1)]
    purpose = PublicId("apt", tenant, new_id())
    return str(
        bill_id(
            run(tenant, lambda opened: open_bill(opened, payer=scope.require_person(), purpose=purpose, lines=lines))
        )
    )


def payment(scope: Scope, made: Made, tenant: Scope | None = None) -> str:
    """A payment of a bill of the person's."""
    known = PublicId.parse(bill(scope, made, tenant), BILL_ID)

    def make(opened: Unit) -> Payment:
        account = MerchantAccount(id=new_id(), url="x", api_key=b"x", version=1, created_at=opened.now)
        opened.add(account)
        return opened.add(
            Payment(
                id=new_id(), bill_id=known.id, account_id=account.id, resident_id=scope.require_person(), asked="x",
                method="card", amount=1, currency="CNY", state="failed", stopping=False, confirmed=False, paid=0,
                refunded=0, in_flight=0, tries=0, version=1, created_at=opened.now,
            )
        )  # fmt: skip

    return str(payment_id(run(known.scope, make)))


def refund(scope: Scope, made: Made) -> str:
    """A refund of the tenant's that was given up."""
    known = PublicId.parse(payment(Scope.for_person(new_id()), made, tenant=scope), PAYMENT_ID)

    def make(opened: Unit) -> Refund:
        paid, own = opened.get(Payment, known.id), new_id()
        assert paid
        paid.paid, paid.in_flight = 1, 1
        return opened.add(
            Refund(
                id=own, bill_id=paid.bill_id, payment_id=paid.id, resident_id=paid.resident_id, origin_id=own,
                attempt=5, told=False, cause=SECRET, amount=1, state="failed", tries=0, given_up_at=opened.now,
                version=1, created_at=opened.now,
            )
        )  # fmt: skip

    return str(refund_id(run(scope, make)))


def visit(scope: Scope, made: Made) -> str:
    """A visit of the person's at some hospital, completed, with its record."""

    def make(opened: Unit) -> Visit:
        row = opened.add(
            Visit(
                id=new_id(), resident_id=scope.require_person(), doctor_id=new_id(), doctor_name=SECRET, subject="x",
                legal_basis="with_doctor_present", state="completed", fee=1, bill_id=new_id(), institution_name=SECRET,
                institution_license="x", take_seconds=1, window_seconds=1, version=1, created_at=opened.now,
                complaint=b"",
            )
        )  # fmt: skip
        row.complaint = seal_complaint(opened, row.id, SECRET)
        opened.session.flush()
        content = seal_record(opened, row.id, Written())
        opened.add(
            VisitRecord(id=row.id, resident_id=row.resident_id, content=content, written_at=opened.now, version=1)
        )
        return row

    return str(visit_public_id(run(new_tenant(), make)))


def coverage(scope: Scope, made: Made) -> str:
    """What became of the person's request for a coverage."""

    def make(opened: Unit) -> PersonCoverage:
        id = new_id()
        return opened.add(
            PersonCoverage(
                id=id, insurer=7, insurer_id=new_id(), insurer_name=SECRET, state="refused", number_digest="x",
                member_number=seal_own_number(opened, id, "x"), asked_on=local_date(opened.now), source_version=1,
                version=1, requested_at=opened.now,
            )
        )  # fmt: skip

    return str(coverage_public_id(run(scope, make)))


def eligibility_check(scope: Scope, made: Made) -> str:
    """A provider's question about how somebody is covered."""

    def make(opened: Unit) -> EligibilityCheck:
        return opened.add(
            EligibilityCheck(
                id=new_id(), resident_id=new_id(), visit_id=new_id(), answer="unknown", version=1, asked_at=opened.now
            )
        )  # fmt: skip

    return str(check_id(run(scope, make)))


def picture(scope: Scope, made: Made) -> str:
    """A picture in a visit of the person's."""
    of_visit = PublicId.parse(visit(scope, made), VISIT_ID)
    known = PublicId(PICTURE_ID, of_visit.scope, new_id())
    content = cleaned(jpeg())
    with arriving(known.scope, seal_picture(database().cipher, known, content.content)) as address:

        def make(opened: Unit) -> None:
            settle(opened, address)
            opened.add(
                VisitPicture(
                    id=known.id, visit_id=of_visit.id, resident_id=scope.require_person(), address=address,
                    media_type=content.media_type, width=content.width, height=content.height,
                    size=len(content.content), sent_at=opened.now,
                )
            )  # fmt: skip

        run(known.scope, make)
    return str(known)


def delivery(scope: Scope, made: Made) -> str:
    """A delivery of a note's event; only sealing makes one."""
    hear(scope, "https://his.example.com/hooks", ["note.sent"])
    send_notes(scope, new_tenant(), ["x"])
    # whoever seals is known to the session's platform alone, and specimens are made from a scope
    seal_all(next(one for one in gc.get_objects() if type(one) is Platform), scope)
    with unit(scope) as reading:
        row = reading.first(reading.select(Delivery))
    assert row
    return str(PublicId(DELIVERY_ID, scope, row.id))


def prescription(scope: Scope, made: Made) -> str:
    """A signed prescription of the person's at some hospital."""

    def make(opened: Unit) -> Prescription:
        id = new_id()
        return opened.add(
            Prescription(
                id=id, resident_id=scope.require_person(), doctor_id=new_id(), doctor_name=SECRET, visit_id=new_id(),
                legal_basis="follow_up", state="ready", validity_days=1, institution_name=SECRET, version=1,
                content=seal_written(opened, id, Prescribed((), ())),
                document=seal_document(opened, id, canonical({"lines": []})), signed_at=opened.now, attempt=0,
                expires_at=opened.now + timedelta(days=1), created_at=opened.now,
            )
        )  # fmt: skip

    return str(prescription_public_id(run(new_tenant(), make)))


def prescription_review(scope: Scope, made: Made) -> str:
    """A signed prescription in the queue of its hospital's pharmacists."""
    known = PublicId.parse(prescription(Scope.for_person(new_id()), made), PRESCRIPTION_ID)

    def queue(opened: Unit) -> PrescriptionReview:
        return opened.add(
            PrescriptionReview(
                id=new_id(), prescription_id=known.id, author_id=new_id(), state="queued", created_at=opened.now,
                version=1,
            )
        )  # fmt: skip

    return str(review_public_id(run(known.scope, queue)))


def medicine(scope: Scope, made: Made) -> str:
    """A medicine of the tenant's formulary."""

    def make(opened: Unit) -> Medicine:
        return opened.add(
            Medicine(
                id=new_id(), code=new_id().hex, name=SECRET, ingredient_group="A01", form="x", strength="x", unit="x",
                pack_units=1, category="A", control="ordinary", single_limit=1, daily_limit=1, long_term=False,
                listed=True, version=1,
            )
        )  # fmt: skip

    return str(PublicId(MEDICINE_ID, scope, run(scope, make).id))


def export(scope: Scope, made: Made) -> str:
    """An export of the person's that is ready."""
    row_id, person = new_id(), scope.require_person()
    sealed, pdf = (database().cipher.seal(b"{}", export_place(row_id, form)) for form in Form)
    with arriving(PLATFORM, sealed) as address, arriving(PLATFORM, pdf) as pdf_address:

        def make(opened: Unit) -> None:
            settle(opened, address)
            settle(opened, pdf_address)
            opened.add(
                DataExport(
                    id=row_id, resident_id=person, state="ready", address=address, tries=1, asked_at=opened.now,
                    pdf_address=pdf_address, ended_at=opened.now, due_at=opened.now + timedelta(days=1), version=2,
                )
            )  # fmt: skip

        run(PLATFORM, make)
    return str(export_id(row_id))


SPECIMENS: Mapping[str, Specimen] = {
    "note_id": Specimen(note),
    "application_id": Specimen(application),
    "bill_id": Specimen(bill, ScopeKind.PERSON),
    "payment_id": Specimen(payment, ScopeKind.PERSON),
    "refund_id": Specimen(refund),
    "appointment_id": Specimen(appointment),
    "delivery_id": Specimen(delivery),
    "visit_id": Specimen(visit, ScopeKind.PERSON),
    "prescription_id": Specimen(prescription, ScopeKind.PERSON),
    "routing_order_id": Specimen(pharmacy_specimens.routing_order),
    "shipment_id": Specimen(pharmacy_specimens.shipment),
    "visit_picture_id": Specimen(picture, ScopeKind.PERSON),
    "eligibility_check_id": Specimen(eligibility_check),
    "coverage_id": Specimen(coverage, ScopeKind.PERSON),
    "settlement_id": Specimen(claim_specimens.settlement, ScopeKind.PERSON),
    "reversal_id": Specimen(claim_specimens.reversal),
    "claim_id": Specimen(claim_specimens.claim),
    "export_id": Specimen(export, ScopeKind.PERSON),
    "claim_case_id": Specimen(claim_specimens.claim_case),
    "member_id": Specimen(claim_specimens.member),
    "medicine_id": Specimen(medicine),
    "prescription_review_id": Specimen(prescription_review),
    "client_id": Specimen(desk_specimens.client),
    "staff_id": Specimen(desk_specimens.staff, ScopeKind.PERSON),
    "tenant_id": Specimen(desk_specimens.tenant),
    "license_id": Specimen(desk_specimens.license),
    "review_id": Specimen(desk_specimens.license_review),
    "endpoint_id": Specimen(desk_specimens.webhook_endpoint),
    "account_id": Specimen(desk_specimens.account),
    "home_consent_id": Specimen(practice_specimens.home_consent),
    "home_consent_request_id": Specimen(practice_specimens.home_consent_request),
    "signing_key_id": Specimen(desk_specimens.signing_key),
    "shift_id": Specimen(desk_specimens.shift),
    "contract_id": Specimen(desk_specimens.contract, ScopeKind.PERSON),
    "card_id": Specimen(desk_specimens.card, ScopeKind.PERSON),
    "allergy_id": Specimen(desk_specimens.allergy, ScopeKind.PERSON),
    "sign_in_id": Specimen(desk_specimens.sign_in, ScopeKind.PERSON),
    "authenticator_id": Specimen(factor_specimens.authenticator, ScopeKind.PERSON),
    "passkey_id": Specimen(factor_specimens.passkey, ScopeKind.PERSON),
    "case_id": Specimen(desk_specimens.account_case),
    "device_id": Specimen(factor_specimens.device, ScopeKind.PERSON),
    "app_id": Specimen(factor_specimens.app),
    "drug_count_id": Specimen(desk_specimens.drug_count),
    "scheme_connection_id": Specimen(desk_specimens.scheme_connection),
    "account_change_id": Specimen(desk_specimens.account_change),
    "proposal_id": Specimen(desk_specimens.proposal),
    "consent_id": Specimen(consent_specimens.consent, ScopeKind.PERSON),
    "emergency_access_id": Specimen(consent_specimens.emergency_access),
    "research_project_id": Specimen(consent_specimens.research_project),
    "app_grant_id": Specimen(factor_specimens.app_grant, ScopeKind.PERSON),
    "representative_id": Specimen(family_specimens.representative, ScopeKind.PERSON),
    "represented_id": Specimen(family_specimens.represented, ScopeKind.PERSON),
    "correction_id": Specimen(family_specimens.correction, ScopeKind.PERSON),
    "death_id": Specimen(family_specimens.death, ScopeKind.PERSON),
    "civil_paper_id": Specimen(family_specimens.civil_paper, ScopeKind.PERSON),
}

NOT_IDS: Mapping[str, str] = {
    "name": "a file of the pages that describe the API, the same for everybody",
}
"""Parameters of GET paths that name no row, each with the reason why a stranger may send them."""

PUBLISHED: Mapping[str, str] = {}
"""Paths with an id that everybody may read, each with the reason."""
