"""One's own security notices over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.identity.notices.listing import listed
from app.identity.notices.models import SecurityNotice
from app.identity.notices.schemas import SecurityNoticeOut

blueprint = Blueprint("security-notices", __name__, description="What happened to one's account")


@endpoint(
    blueprint, "GET", "/me/security-notices",
    permission="credentials.read", query=PageQuery, answer=page_of(SecurityNoticeOut),
)  # fmt: skip
def own(call: Call, query: dict[str, Any]) -> Page[SecurityNotice]:
    """What happened to one's account within a year, newest first; the phone was told too."""
    return listed(Scope.for_person(call.person), query)
