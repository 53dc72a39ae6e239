"""What the regulator reads: tenants, their papers and their states, and counts; nobody's data."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from tenants import supervision_queries
from tenants.queries import Listed
from tenants.schemas import DirectoryOut, KindCountsOut, SupervisionQuery

blueprint = Blueprint("supervising", __name__, description="The regulator supervises")


@endpoint(
    blueprint, "GET", "/supervision/tenants",
    permission="supervision.read", query=SupervisionQuery, answer=page_of(DirectoryOut),
)  # fmt: skip
def tenants(call: Call, query: dict[str, Any]) -> Page[Listed]:
    """Every tenant with its valid licenses and its state, suspended ones too."""
    return supervision_queries.tenants(call.principal.scope, query)


@endpoint(blueprint, "GET", "/supervision/counts", permission="supervision.read", answer=KindCountsOut)
def counts(call: Call) -> dict[str, Any]:
    """How many tenants there are by kind and state, and how many doctors they list."""
    return {"data": supervision_queries.counts(call.principal.scope)}
