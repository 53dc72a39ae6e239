"""Research over HTTP: projects that a committee approved, and extracts of what residents let be used for them.

A reading is a POST: it is an act, written down in the journals of all whom it concerns. Its answer is kept nowhere.
"""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.records import queries
from app.records.endpoints.shared import AGAIN
from app.records.names import RESEARCH_PROJECT_ID
from app.records.research_schemas import ExtractLineOut, ResearchExtractQuery, ResearchProjectIn, ResearchProjectOut
from app.records.service import projects, research
from tenants.api import Viewer

MANAGE = "research_projects.manage"
blueprint = Blueprint("research", __name__, description="Research on what residents consented to, de-identified")


@endpoint(
    blueprint, "POST", "/research-projects",
    permission=MANAGE, body=ResearchProjectIn, answer=ResearchProjectOut, status=201, fresh=True,
)  # fmt: skip
def register(call: Call, body: projects.Approved) -> projects.SeenProject:
    """Register a project that the ethics committee approved. Who registers it answers for that, and reads nothing for
    it.
    """
    return projects.register(Viewer(call.principal.scope, call.by), body, call.effect)


@endpoint(
    blueprint, "GET", "/research-projects",
    permission="research_projects.read", query=PageQuery, answer=page_of(ResearchProjectOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[projects.SeenProject]:
    """The institution's projects, newest first."""
    return queries.projects(Viewer(call.principal.scope, call.by), query)


@endpoint(
    blueprint, "POST", "/research-projects/<research_project_id>/ending", permission=MANAGE, answer=ResearchProjectOut
)
def end(call: Call, research_project_id: str) -> projects.SeenProject:
    """End a project before its last day: nothing is read for it any more."""
    known = own_id(research_project_id, RESEARCH_PROJECT_ID, call.principal.scope)
    return projects.end(Viewer(call.principal.scope, call.by), known, call.effect)


@endpoint(
    blueprint, "POST", "/research-projects/<research_project_id>/extract-readings",
    permission="research.read", query=ResearchExtractQuery, answer=page_of(ExtractLineOut), idempotent_by=AGAIN,
)  # fmt: skip
def read(call: Call, query: dict[str, Any], research_project_id: str) -> Page[research.ExtractLine]:
    """What the institution keeps of residents whose consent to research holds now, without who they are.

    `diagnoses` of completed visits or `prescriptions`, of months that are over; a page may hold few lines, or none,
    while others follow.
    """
    known = own_id(research_project_id, RESEARCH_PROJECT_ID, call.principal.scope)
    return research.extract(Viewer(call.principal.scope, call.by), known, query["category"], query["cursor"])
