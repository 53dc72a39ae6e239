"""What platform operators decide: applications, tenants' papers, suspensions, revocations.

One operator turns something down alone. What opens, stops or binds a tenant is proposed here, and confirmed by another.
"""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from tenants.endpoints.paths import tenant_bound
from tenants.models import Application, LicenseReview
from tenants.names import APPLICATION_ID, LICENSE_ID, PLATFORM, REVIEW_ID, TENANT_ID
from tenants.proposal_schemas import ProposalOut
from tenants.queries import application_of, applications
from tenants.queries import reviews as undecided_reviews
from tenants.schemas import ApplicationOut, LicenseReviewOut, ReasonIn
from tenants.service import applications as service
from tenants.service import operating, reviews
from tenants.service.operating import OperatorAct, Shown

blueprint = Blueprint("operating", __name__, description="The platform operator decides")


@endpoint(
    blueprint, "GET", "/organization-applications",
    permission="organization_applications.read", query=PageQuery, answer=page_of(ApplicationOut),
)  # fmt: skip
def undecided(call: Call, query: dict[str, Any]) -> Page[Application]:
    """The applications that wait for a decision, oldest first."""
    return applications(call.principal.scope, query)


@endpoint(
    blueprint, "GET", "/organization-applications/<application_id>",
    permission="organization_applications.read", answer=ApplicationOut,
)  # fmt: skip
def one(call: Call, application_id: str) -> Application:
    """One application."""
    known = own_id(application_id, APPLICATION_ID, call.principal.scope)
    return application_of(call.principal.scope, known.id)


@endpoint(
    blueprint, "POST", "/organization-applications/<application_id>/approval",
    permission="organization_applications.decide", answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def approve(call: Call, application_id: str) -> Shown:
    """Propose to approve: once another operator confirms, a tenant is opened. Refused while a paper is lacking."""
    known = own_id(application_id, APPLICATION_ID, _of_the_platform(call))
    return _proposed(call, OperatorAct.APPROVE_APPLICATION, known)


@endpoint(
    blueprint, "POST", "/organization-applications/<application_id>/rejection",
    permission="organization_applications.decide", body=ReasonIn, answer=ApplicationOut, fresh=True,
)  # fmt: skip
def reject(call: Call, body: dict[str, Any], application_id: str) -> Application:
    """Reject with a reason that the applicant reads."""
    _of_the_platform(call)
    known = own_id(application_id, APPLICATION_ID, call.principal.scope)
    return service.reject(known.id, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/tenants/<tenant_id>/suspension",
    permission="organization_applications.decide", body=ReasonIn, answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def suspend(call: Call, body: dict[str, Any], tenant_id: str) -> Shown:
    """Propose that a tenant stops; confirmed, its people cannot act from the moment that the order reaches it."""
    _of_the_platform(call)
    return _proposed(call, OperatorAct.SUSPEND_TENANT, tenant_bound(tenant_id, TENANT_ID), body["reason"])


@endpoint(
    blueprint, "POST", "/tenants/<tenant_id>/reinstatement",
    permission="organization_applications.decide", body=ReasonIn, answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def reinstate(call: Call, body: dict[str, Any], tenant_id: str) -> Shown:
    """Propose to end a suspension."""
    _of_the_platform(call)
    return _proposed(call, OperatorAct.REINSTATE_TENANT, tenant_bound(tenant_id, TENANT_ID), body["reason"])


@endpoint(
    blueprint, "GET", "/license-reviews",
    permission="organization_applications.read", query=PageQuery, answer=page_of(LicenseReviewOut),
)  # fmt: skip
def papers(call: Call, query: dict[str, Any]) -> Page[LicenseReview]:
    """The papers of tenants that wait for a decision, oldest first."""
    return undecided_reviews(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/license-reviews/<review_id>/approval",
    permission="organization_applications.decide", answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def approve_license(call: Call, review_id: str) -> Shown:
    """Propose to approve a paper; confirmed, the tenant holds the license from the moment that it hears of it."""
    return _proposed(call, OperatorAct.APPROVE_LICENSE, own_id(review_id, REVIEW_ID, _of_the_platform(call)))


@endpoint(
    blueprint, "POST", "/license-reviews/<review_id>/rejection",
    permission="organization_applications.decide", body=ReasonIn, answer=LicenseReviewOut, fresh=True,
)  # fmt: skip
def reject_license(call: Call, body: dict[str, Any], review_id: str) -> LicenseReview:
    """Turn a paper down with a reason that the tenant reads."""
    _of_the_platform(call)
    known = own_id(review_id, REVIEW_ID, call.principal.scope)
    return reviews.reject(known.id, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/licenses/<license_id>/revocation",
    permission="organization_applications.decide", body=ReasonIn, answer=ProposalOut, status=201, fresh=True,
)  # fmt: skip
def revoke_license(call: Call, body: dict[str, Any], license_id: str) -> Shown:
    """Propose that a tenant loses a license; what it allows ends the moment that the order reaches it."""
    _of_the_platform(call)
    return _proposed(call, OperatorAct.REVOKE_LICENSE, tenant_bound(license_id, LICENSE_ID), body["reason"])


def _of_the_platform(call: Call) -> Scope:
    """What is decided here lies in the platform's tenant, whoever asks: to anybody else it is not there."""
    if call.principal.scope != PLATFORM:
        raise NotFound
    return PLATFORM


def _proposed(call: Call, act: OperatorAct, subject: PublicId, reason: str | None = None) -> Shown:
    content = {} if reason is None else {"reason": reason}
    return operating.propose(act, subject, content, call.by, call.effect)
