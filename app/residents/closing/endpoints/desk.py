"""Deaths at the platform's desk over HTTP."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.residents.closing import queries
from app.residents.closing.schemas import DeathIn, DeathOut
from app.residents.closing.service import deaths
from app.residents.family.endpoints.desk import of_the_platform
from app.residents.names import DEATH_ID

blueprint = Blueprint("deaths", __name__, description="Deaths, recorded by two operators")


@endpoint(blueprint, "GET", "/deaths", permission="civil_papers.read", query=PageQuery, answer=page_of(DeathOut))
def recorded(call: Call, query: dict[str, Any]) -> Page[deaths.SeenDeath]:
    """The deaths that were proposed and decided, newest first."""
    return queries.recorded(call.principal.scope, query)


@endpoint(
    blueprint,
    "POST",
    "/deaths",
    permission="civil_papers.decide",
    body=DeathIn,
    answer=DeathOut,
    status=201,
    fresh=True,
)
def propose(call: Call, body: dict[str, Any]) -> deaths.SeenDeath:
    """Note what a death certificate says; nothing follows until another operator confirms it."""
    of_the_platform(call)
    said = deaths.Certificate(body["name"], body["number"], body["certificate"], body["died_on"])
    return deaths.propose(said, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/deaths/<death_id>/confirmation", permission="civil_papers.decide", answer=DeathOut, fresh=True
)
def confirm(call: Call, death_id: str) -> deaths.SeenDeath:
    """Confirm what another operator proposed: the account is closed at once, and what was to come is called off."""
    return deaths.confirm(_own(call, death_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/deaths/<death_id>/withdrawal", permission="civil_papers.decide", answer=DeathOut, fresh=True
)
def withdraw(call: Call, death_id: str) -> deaths.SeenDeath:
    """Take back what was proposed."""
    return deaths.withdraw(_own(call, death_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/deaths/<death_id>/undoing", permission="civil_papers.decide", answer=DeathOut, fresh=True
)
def undo(call: Call, death_id: str) -> deaths.SeenDeath:
    """It was a mistake: the account is open again, and the person signs in anew."""
    return deaths.undo(_own(call, death_id), call.by, call.effect)


def _own(call: Call, death_id: str) -> uuid.UUID:
    of_the_platform(call)
    return own_id(death_id, DEATH_ID, call.principal.scope).id
