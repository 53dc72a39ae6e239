"""A tenant's licenses: what it holds, and handing in a renewed paper."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from tenants import queries
from tenants.models import License
from tenants.rules import Paper
from tenants.schemas import DocumentIn, LicenseOut
from tenants.service import licenses

blueprint = Blueprint("licensing", __name__, description="A tenant's licenses")


@endpoint(blueprint, "POST", "/licenses", permission="tenant.manage", body=DocumentIn, answer=LicenseOut, status=201)
def hand_in(call: Call, body: dict[str, Any]) -> License:
    """Hand in a new or renewed paper; approved, it replaces the license of the same kind and number."""
    paper = Paper(**{**body, "subjects": tuple(body["subjects"])})
    return licenses.submit(call.principal.scope, paper, call.by, call.effect)


@endpoint(blueprint, "GET", "/licenses", permission="tenant.read", query=PageQuery, answer=page_of(LicenseOut))
def held(call: Call, query: dict[str, Any]) -> Page[License]:
    """The tenant's licenses, and what became of each paper that was handed in."""
    return queries.licenses(call.principal.scope, query)
