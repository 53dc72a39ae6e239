"""How to make a thing for each kind of id that a path may take.

A new `<thing_id>` in a path asks for a line here: a function that makes one in `scope`, which is a fresh tenant or
person of its own, and returns its public id. It gets the ids made so far for the same path, in their order.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.core.ids import PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.core.send.models import Delivery
from app.core.unit import Unit, run, unit
from app.payments.api import BILL_ID, BillLine, open_bill
from app.payments.ids import bill_id, payment_id
from app.payments.models import MerchantAccount, Payment
from app.scheduling.ids import appointment_public_id
from app.visits.content import seal_complaint, seal_record
from app.visits.ids import visit_public_id
from app.visits.models import Visit, VisitRecord
from app.visits.rules.conclusion import Written
from tenants.models import Application
from tenants.names import APPLICATION_ID, DELIVERY_ID
from tests.core.journal.scenes import seal_all, send_notes
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
    row = Note(id=new_id(), resident_id=new_id(), words="x", state="sent", version=1)
    return str(PublicId("note", scope, run(scope, lambda opened: opened.add(row)).id))


def application(scope: Scope, made: Made) -> str:
    """An organization's application."""

    def make() -> Application:
        return run(
            scope,
            lambda opened: opened.add(
                Application(
                    id=new_id(), resident_id=new_id(), name="x", kind="pharmacy", documents=[], state="submitted",
                    version=1, submitted_at=opened.now,
                )
            ),
        )  # fmt: skip

    return str(PublicId(APPLICATION_ID, scope, make().id))


def appointment(scope: Scope, made: Made) -> str:
    """A place that somebody holds in a slot of a fresh hospital."""
    return str(appointment_public_id(booked(Hospital(scope).slot(fee_lines=[]))))


def bill(scope: Scope, made: Made) -> str:
    """A bill for the person, at some hospital."""
    tenant = new_tenant()
    lines = [BillLine("fee", "x", 1)]
    purpose = PublicId("apt", tenant, new_id())
    return str(
        bill_id(
            run(tenant, lambda opened: open_bill(opened, payer=scope.require_person(), purpose=purpose, lines=lines))
        )
    )


def payment(scope: Scope, made: Made) -> str:
    """A payment of a bill of the person's."""
    known = PublicId.parse(bill(scope, made), BILL_ID)

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


def visit(scope: Scope, made: Made) -> str:
    """A visit of the person's at some hospital, completed, with its record."""

    def make(opened: Unit) -> Visit:
        row = opened.add(
            Visit(
                id=new_id(), resident_id=scope.require_person(), doctor_id=new_id(), doctor_name="x", subject="x",
                legal_basis="with_doctor_present", state="completed", fee=1, bill_id=new_id(), institution_name="x",
                institution_license="x", take_seconds=1, window_seconds=1, version=1, created_at=opened.now,
                complaint=b"",
            )
        )  # fmt: skip
        row.complaint = seal_complaint(opened, row.id, "x")
        opened.session.flush()
        content = seal_record(opened, row.id, Written())
        opened.add(
            VisitRecord(id=row.id, resident_id=row.resident_id, content=content, written_at=opened.now, version=1)
        )
        return row

    return str(visit_public_id(run(new_tenant(), make)))


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


SPECIMENS: Mapping[str, Specimen] = {
    "note_id": Specimen(note),
    "application_id": Specimen(application),
    "bill_id": Specimen(bill, ScopeKind.PERSON),
    "payment_id": Specimen(payment, ScopeKind.PERSON),
    "appointment_id": Specimen(appointment),
    "delivery_id": Specimen(delivery),
    "visit_id": Specimen(visit, ScopeKind.PERSON),
}

NOT_IDS: Mapping[str, str] = {
    "name": "a file of the pages that describe the API, the same for everybody",
}
"""Parameters of GET paths that name no row, each with the reason why a stranger may send them."""

PUBLISHED: Mapping[str, str] = {}
"""Paths with an id that everybody may read, each with the reason."""
