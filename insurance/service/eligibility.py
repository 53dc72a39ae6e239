"""Asking whether a resident is covered: from the provider by way of the person to the insurer, and back."""

import uuid
from datetime import datetime

from app.core.calendar import local_date
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.visits.api import State, visit_to_claim
from insurance.models.coverages import Coverage
from insurance.models.eligibility import EligibilityCheck
from insurance.names import ELIGIBILITY, ELIGIBILITY_ANSWER, ELIGIBILITY_ASK, ELIGIBILITY_FORWARD, ELIGIBILITY_ID
from insurance.purposes import was_asked_lately
from insurance.rules.eligibility import InForce
from insurance.service.coverages import best_coverage, valid_on
from tenants.api import look, may_act

OPEN = (State.PAID, State.TAKEN)


def ask(visit: PublicId, by: Caller, effect: Effect | None = None) -> EligibilityCheck:
    """Ask for the resident of an open visit of the provider's; nothing but the question and the answer is kept.

    Raises NotFound, and WrongState `visit_not_open`.
    """

    def work(opened: Unit) -> EligibilityCheck:
        about = visit_to_claim(opened, visit.id)
        if about.state not in OPEN:
            raise WrongState("the visit is not open", code="visit_not_open")
        row = EligibilityCheck(
            id=new_id(), resident_id=about.resident, visit_id=visit.id, answer=InForce.UNKNOWN, version=1,
            asked_at=opened.now,
        )  # fmt: skip
        opened.add(row)
        asked = Outgoing(Scope.for_person(about.resident), ELIGIBILITY_ASK, {"id": str(row.id), "visit": str(visit)})
        record(opened, "eligibility.requested", check_id(row), 1, {"visit": str(visit)}, [asked])
        return row

    return run(visit.scope, work, by, effect=effect)


def read(known: PublicId, by: Caller) -> EligibilityCheck:
    """A question with its answer, as far as there is one; the look is written down. Raises NotFound."""
    with unit(known.scope, by) as reading:
        asked = reading.select(EligibilityCheck).where(EligibilityCheck.id == known.id, was_asked_lately(reading))
        row = reading.first(asked)
        if row is None:
            raise NotFound
        look(reading, row.resident_id, ELIGIBILITY, check_id(row))
        return row


def check_id(row: EligibilityCheck) -> PublicId:
    """A check's public id."""
    return PublicId(ELIGIBILITY_ID, Scope.for_tenant(row.tenant_id), row.id)


def take_question(opened: Unit, relay: Incoming) -> Answer:
    """The person's side: pass the question on to whoever covers them first today; who asked stays in their journal."""
    known = PublicId(ELIGIBILITY_ID, relay.giver, uuid.UUID(relay.payload["id"]))
    best = best_coverage(opened, local_date(opened.now))
    if best is None:
        told = _answer(known, InForce.NOT_IN_FORCE, opened.now)
    else:
        asked = {"id": str(known.id), "provider": relay.giver.require_tenant(), "coverage": str(best.id.id)}
        told = Outgoing(Scope.for_tenant(best.insurer), ELIGIBILITY_FORWARD, asked)
    facts = {"visit": relay.payload["visit"], "coverage": str(best.id) if best else ""}
    record(opened, "eligibility.asked", known, 1, facts, [told])
    return {}


def take_forwarded(opened: Unit, relay: Incoming) -> Answer:
    """The insurer's side: say whether the coverage of the person who passes the question on holds now."""
    provider = Scope.for_tenant(relay.payload["provider"])
    known = PublicId(ELIGIBILITY_ID, provider, uuid.UUID(relay.payload["id"]))
    coverage = opened.get(Coverage, uuid.UUID(relay.payload["coverage"]))
    if coverage is None or coverage.resident_id != relay.giver.person:
        return {"refused": "unknown_coverage"}
    said = _said(opened, coverage)
    record(opened, "eligibility.said", known, 1, {"answer": said.value}, [_answer(known, said, opened.now)])
    return {}


def take_answer(opened: Unit, relay: Incoming) -> Answer:
    """The provider's side: keep the first answer."""
    row = opened.get(EligibilityCheck, uuid.UUID(relay.payload["id"]), lock=True)
    if row is None or row.as_of is not None:
        return {"refused": "nothing_asked"}
    row.answer, row.as_of = relay.payload["answer"], datetime.fromisoformat(relay.payload["as_of"])
    row.version += 1
    record(opened, "eligibility.answered", check_id(row), row.version, {"answer": row.answer})
    return {}


def _said(opened: Unit, coverage: Coverage) -> InForce:
    if not may_act(opened):
        return InForce.UNKNOWN
    return InForce.IN_FORCE if valid_on(coverage, local_date(opened.now)) else InForce.NOT_IN_FORCE


def _answer(known: PublicId, said: InForce, at: datetime) -> Outgoing:
    payload = {"id": str(known.id), "answer": said.value, "as_of": at.isoformat()}
    return Outgoing(known.scope, ELIGIBILITY_ANSWER, payload)
