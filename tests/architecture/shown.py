"""What stands in lists alone, where no path names it: the victims get some of that too."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app.core.calendar import local_date
from app.core.db import Base
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.send.models import Delivery, DeliveryState
from app.core.unit import Unit, run
from app.identity.notices.models import SecurityNotice
from app.residents.access_models import Access
from app.residents.corrections.models import PersonCorrection
from app.residents.models import PersonContract
from app.scheduling.models import PersonAppointment
from app.visits.models import PersonVisit, Visit
from insurance.models import SchemeConnection
from prescriptions.models import PersonPrescription, Prescription, Product
from tenants.models import Affiliation, Application
from tenants.names import PLATFORM_NUMBER
from tests.architecture.cast import SECRET

Rows = Callable[[Unit], Sequence[Base]]


def show(tenant: Scope, resident: Scope, delivering: Scope) -> None:
    """Make rows of `tenant`, of `resident`, and let a delivery of `delivering` have failed for good."""
    own = Scope.for_tenant(PLATFORM_NUMBER, as_resident=resident.person)
    for scope, rows in ((tenant, _of_tenant), (resident, _of_person), (own, _of_applicant)):
        run(scope, partial(_add, rows))
    run(delivering, _give_up)


def _add(rows: Rows, opened: Unit) -> None:
    for row in rows(opened):
        opened.add(row)


def _of_tenant(opened: Unit) -> list[Base]:
    return [
        Product(id=new_id(), code=new_id().hex, name=SECRET, price=1, stock=1, as_of=opened.now, version=1),
        SchemeConnection(
            id=new_id(), insurer=new_id().int % 2**52, insurer_id=new_id(), url="x", institution=SECRET, key=b"x",
            version=1, created_at=opened.now,
        ),
        Visit(
            id=new_id(), resident_id=new_id(), doctor_id=new_id(), doctor_name=SECRET, subject="x", fee=1,
            legal_basis="with_doctor_present", state="unconcluded", bill_id=new_id(), institution_name=SECRET,
            institution_license="x", take_seconds=1, window_seconds=1, due_at=opened.now, version=1,
            created_at=opened.now, complaint=b"x",
        ),
        Prescription(
            tenant_id=opened.scope.require_tenant(), id=new_id(), resident_id=new_id(), doctor_id=new_id(),
            doctor_name=SECRET, visit_id=new_id(), legal_basis="follow_up", state="ready", validity_days=3,
            content=b"x", document=b"x", institution_name=SECRET, signed_at=opened.now, expires_at=opened.now,
            due_at=opened.now, attempt=0, version=1, created_at=opened.now,
        ),
    ]  # fmt: skip


def _of_person(opened: Unit) -> list[Base]:
    kept: dict[str, Any] = {"tenant": 7, "source_version": 1}
    doctor: dict[str, Any] = {"doctor_id": new_id(), "doctor_name": SECRET, "fee": 1, "bill_id": new_id()}
    return [
        Access(
            id=new_id(), at=opened.now, tenant=7, institution_id=new_id(), institution_name=SECRET, who="staff",
            role="doctor", name=SECRET, purpose="treatment", kind="visit", subject="vis_0",
        ),
        Affiliation(
            id=new_id(), tenant_name=SECRET, tenant_kind="clinic", roles=["nurse"], state="active", **kept
        ),
        SecurityNotice(
            id=new_id(), kind="new_device", about=SECRET, state="sent", tries=1, happened_at=opened.now,
        ),
        PersonAppointment(
            id=new_id(), site="x", subject="03", day=local_date(opened.now), starts_at=opened.now, state="confirmed",
            **doctor, **kept,
        ),
        PersonCorrection(
            id=new_id(), subject=SECRET, area="record", state="open", asked_at=opened.now,
            answer_until=local_date(opened.now), **kept,
        ),
        PersonContract(
            id=new_id(), team_name=SECRET, package="basic", term_years=1, state="requested", requested_at=opened.now,
            **kept,
        ),
        PersonPrescription(
            id=new_id(), doctor_name=SECRET, institution_name=SECRET, state="ready", signed_at=opened.now,
            expires_at=opened.now, covers_until=local_date(opened.now), groups=b"x", **kept,
        ),
        PersonVisit(
            id=new_id(), legal_basis="with_doctor_present", state="requested", refunded=False, requested_at=opened.now,
            **doctor, **kept,
        ),
    ]  # fmt: skip


def _of_applicant(opened: Unit) -> list[Base]:
    return [
        Application(
            id=new_id(), resident_id=opened.scope.person, name=SECRET, kind="clinic", documents=[], state="submitted",
            version=1, submitted_at=opened.now,
        )
    ]  # fmt: skip


def _give_up(opened: Unit) -> None:
    for row in opened.all(opened.select(Delivery)):
        row.state, row.due_at = DeliveryState.EXHAUSTED, None
