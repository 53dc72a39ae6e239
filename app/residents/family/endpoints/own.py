"""What people do about each other: children, proxies, acting for somebody."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import Refused
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.api import ActingToken
from app.residents.family import queries
from app.residents.family.schemas import (
    AccountClaimIn,
    AccountClaimOut,
    ChildIn,
    CivilPaperIn,
    CivilPaperOut,
    ClaimWordOut,
    ProxyIn,
    RepresentationTokenOut,
    RepresentativeOut,
    RepresentedOut,
)
from app.residents.family.service import children, claiming, exchange, papers, proxies
from app.residents.family.service.seen import SeenRepresentative, SeenRepresented
from app.residents.names import REGISTRY, REPRESENTATIVE_ID, REPRESENTED_ID
from tenants.api import PLATFORM

blueprint = Blueprint(
    "family", __name__, description="Guardians of children, proxies of adults, successors of the dead"
)


@endpoint(
    blueprint, "POST", "/me/children", permission="family.write", body=ChildIn, answer=RepresentedOut, status=201,
    idempotent_by="whose guardian one is already is answered so again; every other call is a try of its own",
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def register(call: Call, body: dict[str, str]) -> SeenRepresented | Refused:
    """Register one's child: the registry is asked who it is, and whether it is one's own. At most two act for it."""
    made = children.register(call.person, body["name"], body["number"], current_app.extensions[REGISTRY], call.by)
    return made if isinstance(made, Refused) else queries.one_represented(Scope.for_person(call.person), made.id)


@endpoint(
    blueprint, "GET", "/me/represented", permission="family.read", query=PageQuery, answer=page_of(RepresentedOut)
)
def represented(call: Call, query: dict[str, Any]) -> Page[SeenRepresented]:
    """For whom the caller may act, or is asked to, newest first."""
    return queries.represented(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/me/represented/<represented_id>/tokens", permission="family.write",
    answer=RepresentationTokenOut, status=201, secret_fields=("access_token",),
)  # fmt: skip
def act(call: Call, represented_id: str) -> ActingToken:
    """Exchange one's sign-in for a token of the other person's: an hour at most, and no longer than the sign-in.

    It opens what that person may do, but for their credentials and for who else acts for them; a proxy's no more than
    they allowed. That it was made stands in that person's access log.
    """
    known = own_id(represented_id, REPRESENTED_ID, Scope.for_person(call.person))
    return exchange.exchange(known, call.principal.sign_in, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/me/represented/<represented_id>/acceptance", permission="family.write", answer=RepresentedOut
)
def accept(call: Call, represented_id: str) -> SeenRepresented:
    """Agree to act for somebody who asked for it."""
    known = own_id(represented_id, REPRESENTED_ID, Scope.for_person(call.person))
    return proxies.accept(known, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/me/represented/<represented_id>/ending", permission="family.write", answer=RepresentedOut
)
def give_up(call: Call, represented_id: str) -> SeenRepresented:
    """Do not act for somebody, or not any more; every token for them is dead at once."""
    known = own_id(represented_id, REPRESENTED_ID, Scope.for_person(call.person))
    return proxies.give_up(known, call.by, call.effect)


@endpoint(
    blueprint,
    "GET",
    "/me/representatives",
    permission="family.read",
    query=PageQuery,
    answer=page_of(RepresentativeOut),
)
def representatives(call: Call, query: dict[str, Any]) -> Page[SeenRepresentative]:
    """Who may act for the caller, or might, newest first."""
    return queries.representatives(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/me/representatives", permission="family.write", body=ProxyIn, answer=RepresentativeOut,
    status=201,
)  # fmt: skip
def name(call: Call, body: dict[str, Any]) -> SeenRepresentative:
    """Name an adult who may act for the caller, once they agree; who has a second factor has just proved it."""
    wish = proxies.Wish(body["person"].id, body["reach"], body["until"])
    return proxies.name(call.person, call.principal.sign_in, wish, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/me/representatives/<representative_id>/ending", permission="family.write",
    answer=RepresentativeOut,
)  # fmt: skip
def take_back(call: Call, representative_id: str) -> SeenRepresentative:
    """Let somebody act no longer; every token of theirs for the caller is dead at once."""
    known = own_id(representative_id, REPRESENTATIVE_ID, Scope.for_person(call.person))
    return proxies.take_back(known, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/me/represented/<represented_id>/claim-words", permission="family.write", answer=ClaimWordOut,
    status=201, secret_fields=("word",),
)  # fmt: skip
def let_claim(call: Call, represented_id: str) -> claiming.ClaimWord:
    """A word for one's child, good for an hour: with it the child takes its account over, from 14 years on."""
    known = own_id(represented_id, REPRESENTED_ID, Scope.for_person(call.person))
    return claiming.let_claim(known, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/me/account-claim", permission="family.write", body=AccountClaimIn, answer=AccountClaimOut,
    idempotent_by="asked again it goes on where it stopped; when it is done, the sign-in that asked has ended",
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def claim(call: Call, body: dict[str, str]) -> claiming.Claimed | Refused:
    """Take over the account that one's guardians opened, from 14 years on: the phone leads there when one signs in
    anew.

    While a guardian acts, by the word that they gave; they act beside oneself until one is of age. Once none acts, an
    operator of the platform sees one's papers first (409, and a case waits for them); then ask again within a week.
    Papers that were seen stand in for a guardian's word too.
    """
    registry = current_app.extensions[REGISTRY]
    return claiming.claim(call.person, body["name"], body["number"], body["word"], registry, call.by)


@endpoint(
    blueprint,
    "POST",
    "/me/civil-papers",
    permission="family.write",
    body=CivilPaperIn,
    answer=CivilPaperOut,
    status=201,
)
def hand_in(call: Call, body: dict[str, Any]) -> papers.SeenPaper:
    """Show the platform's desk a paper: of a guardianship that the registry does not know, or of a legal title."""
    paper = papers.Paper(body["kind"], body["name"], body["number"], body["paper"], body["paper_number"])
    return papers.submit(call.person, paper, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/civil-papers", permission="family.read", query=PageQuery, answer=page_of(CivilPaperOut)
)
def own_papers(call: Call, query: dict[str, Any]) -> Page[papers.SeenPaper]:
    """What the caller handed in, oldest first."""
    return queries.own_papers(Scope.for_tenant(PLATFORM.require_tenant(), as_resident=call.person), query)
