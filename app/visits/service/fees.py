"""What a text visit with a doctor costs."""

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.unit import Caller, Effect, Unit, run
from app.visits.models import VisitFee
from app.visits.names import FEE_ID
from tenants.api import name_of, offer_text_visits


def set_fee(doctor: PublicId, amount: int, by: Caller, effect: Effect | None = None) -> VisitFee:
    """Let a text visit with `doctor` cost `amount` fen from now on, and tell the directory.

    Raises NotFound for nobody of the staff.
    """

    def work(opened: Unit) -> VisitFee:
        if not name_of(opened, doctor.id):
            raise NotFound
        fee = _row(opened, doctor, amount)
        fee.text_visit = amount
        fee.version += 1
        about, offer = PublicId(FEE_ID, opened.scope, fee.id), offer_text_visits(fee.id, amount, fee.version)
        record(opened, "visit_fee.set", about, fee.version, {"amount": amount}, [offer])
        return fee

    return run(doctor.scope, work, by, effect=effect)


def _row(opened: Unit, doctor: PublicId, amount: int) -> VisitFee:
    tenant = opened.scope.require_tenant()
    first = insert(VisitFee).values(tenant_id=tenant, id=doctor.id, text_visit=amount, version=0)
    opened.session.execute(first.on_conflict_do_nothing())
    row = opened.get(VisitFee, doctor.id, lock=True)
    if row is None:
        raise NotFound
    return row
