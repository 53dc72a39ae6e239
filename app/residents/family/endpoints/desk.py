"""What the platform's desk does with papers about who may act for whom."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.residents.family import queries
from app.residents.family.models import Representation
from app.residents.family.schemas import CivilPaperOut, CourtEndingIn, CourtEndingOut, PaperRejectionIn
from app.residents.family.service import papers
from app.residents.names import CIVIL_PAPER_ID
from tenants.api import PLATFORM

blueprint = Blueprint("civil-papers", __name__, description="The platform's desk looks at papers about people")


@endpoint(
    blueprint, "GET", "/civil-papers", permission="civil_papers.read", query=PageQuery, answer=page_of(CivilPaperOut)
)
def waiting(call: Call, query: dict[str, Any]) -> Page[papers.SeenPaper]:
    """The papers that wait for a decision, oldest first."""
    return queries.waiting_papers(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/civil-papers/<civil_paper_id>/acceptance", permission="civil_papers.decide",
    answer=CivilPaperOut, fresh=True,
)  # fmt: skip
def accept(call: Call, civil_paper_id: str) -> papers.SeenPaper:
    """The paper is genuine and says so: who handed it in may act from now on."""
    return papers.accept(_own(call, civil_paper_id).id, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/civil-papers/<civil_paper_id>/rejection",
    permission="civil_papers.decide", body=PaperRejectionIn, answer=CivilPaperOut, fresh=True,
)  # fmt: skip
def reject(call: Call, body: dict[str, Any], civil_paper_id: str) -> papers.SeenPaper:
    """The paper does not say so, with a reason that who handed it in reads."""
    return papers.reject(_own(call, civil_paper_id).id, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/guardianship-endings", permission="civil_papers.decide", body=CourtEndingIn,
    answer=CourtEndingOut, fresh=True,
)  # fmt: skip
def end(call: Call, body: dict[str, str]) -> Representation:
    """A court ended what a guardian may do: every token of theirs for the child is dead at once."""
    of_the_platform(call)
    return papers.end_guardianship(body["child_number"], body["guardian_number"], call.by, call.effect)


def of_the_platform(call: Call) -> None:
    """What is decided here is the platform's, whoever asks: to anybody else it is not there."""
    if call.principal.scope != PLATFORM:
        raise NotFound


def _own(call: Call, civil_paper_id: str) -> PublicId:
    of_the_platform(call)
    return own_id(civil_paper_id, CIVIL_PAPER_ID, call.principal.scope)
