"""The operator's side of licenses: papers that tenants handed in wait here, are decided on, and may be revoked."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.calendar import local_date
from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.relays import Answer, Incoming
from app.core.unit import Caller, Effect, Unit, run
from tenants.models import Application, DirectoryEntry, LicenseReview
from tenants.names import DECIDE_LICENSE, PLATFORM, REVIEW_ID, REVOKE_LICENSE
from tenants.papers import read
from tenants.rules import Kind, renewal_faults
from tenants.service.interests import decider
from tenants.service.orders import opened_by, order
from tenants.states import ApplicationState


def take_submission(unit: Unit, relay: Incoming) -> Answer:
    """Put a tenant's paper before the operator."""
    review = unit.add(
        LicenseReview(
            id=new_id(), tenant=relay.giver.require_tenant(), source=relay.subject, document=relay.payload["document"],
            state=ApplicationState.SUBMITTED, version=1, submitted_at=unit.now,
        )
    )  # fmt: skip
    record(unit, "license_review.opened", _subject(review), 1, {"license": review.source})
    return {}


def approvable(unit: Unit, review: PublicId) -> Application:
    """The application of the tenant whose paper may be approved now.

    Raises NotFound, WrongState, and InvalidInput where the paper has ended meanwhile.
    """
    row = _undecided(unit, review.id)
    application = opened_by(unit, row.tenant)
    faults = tuple(renewal_faults(Kind(application.kind), read(row.document), local_date(unit.now)))
    if faults:
        raise InvalidInput("the paper cannot be approved", code="papers_lacking", faults=faults)
    return application


def approve(unit: Unit, review: PublicId, content: Mapping[str, Any]) -> None:
    """Approve a paper; raises as `approvable`."""
    application = approvable(unit, review)
    _decide(unit, _undecided(unit, review.id), application, ApplicationState.APPROVED)


def reject(review_id: uuid.UUID, reason: str, by: Caller, effect: Effect | None) -> LicenseReview:
    """Turn a paper down; the tenant reads the reason. Raises NotFound, WrongState, Forbidden for one's own tenant."""
    who = decider(by)

    def work(unit: Unit) -> LicenseReview:
        review = _undecided(unit, review_id)
        application = opened_by(unit, review.tenant)
        who.refuse_interested(application)
        review.reason = reason
        return _decide(unit, review, application, ApplicationState.REJECTED)

    return run(PLATFORM, work, by, effect=effect)


def revocable(unit: Unit, license_id: PublicId) -> Application:
    """The application of the tenant whose license the directory shows; raises NotFound for any other."""
    application = opened_by(unit, license_id.scope.require_tenant())
    entry = unit.session.get(DirectoryEntry, application.opened)
    if entry is None or str(license_id) not in {license["id"] for license in entry.licenses}:
        raise NotFound
    return application


def revoke(unit: Unit, license_id: PublicId, content: Mapping[str, Any]) -> None:
    """Order a tenant to lose a license; it reads the reason. Raises as `revocable`."""
    facts = {"license": str(license_id)}
    payload = {**facts, "reason": content["reason"]}
    order(unit, revocable(unit, license_id), "license_revocation_ordered", REVOKE_LICENSE, payload, facts)


def _undecided(unit: Unit, review_id: uuid.UUID) -> LicenseReview:
    review = unit.get(LicenseReview, review_id, lock=True)
    if review is None:
        raise NotFound
    if review.state != ApplicationState.SUBMITTED:
        raise WrongState(f"the paper was {review.state} before", code="license_decided")
    return review


def _decide(unit: Unit, review: LicenseReview, application: Application, state: ApplicationState) -> LicenseReview:
    review.state, review.decided_at = state, unit.now
    review.version += 1
    record(unit, f"license_review.{state.value}", _subject(review), review.version, {"license": review.source})
    facts: Facts = {"license": review.source, "approved": state is ApplicationState.APPROVED}
    order(unit, application, "license_decided", DECIDE_LICENSE, {**facts, "reason": review.reason}, facts)
    return review


def _subject(review: LicenseReview) -> PublicId:
    return PublicId(REVIEW_ID, PLATFORM, review.id)
