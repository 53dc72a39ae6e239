"""What residents do and read about themselves."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.errors import NotFound, Refused
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from app.residents import queries
from app.residents.names import CARD_ID, CONTRACT_ID, REGISTRY
from app.residents.rules.cards import parse_card
from app.residents.rules.documents import Stated
from app.residents.schemas import CardIn, CardOut, ContractIn, ContractOut, EntryOut, ResidentOut, VerificationIn
from app.residents.service import cards, contracts, reading, verification
from app.residents.service.seen import Seen

blueprint = Blueprint("residents", __name__, description="Residents: who they are, their cards, their family doctors")


def _own(call: Call) -> Scope:
    """The caller's own scope; raises NotFound for a tenant's people and systems, who are nobody here."""
    if call.principal.scope.tenant is not None:
        raise NotFound
    return call.principal.scope


@endpoint(
    blueprint, "POST", "/me/resident/verification",
    permission="residents.write", body=VerificationIn, answer=ResidentOut,
    idempotent_by="who is verified by this document already is answered so again; every other call is a try of its own",
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def verify(call: Call, body: dict[str, Any]) -> reading.Shown | Refused:
    """Verify one's real name by a resident identity card; any other document is kept as stated, unverified."""
    stated = Stated(body["name"], body["document_kind"], body["number"], body["birth_date"], body["sex"])
    ask = current_app.extensions[REGISTRY]
    return verification.verify(_own(call).require_person(), stated, ask, call.by)


@endpoint(blueprint, "GET", "/me/resident", permission="residents.read", answer=ResidentOut)
def read(call: Call) -> reading.Shown:
    """Read who one is as a resident."""
    return reading.read_resident(_own(call))


@endpoint(blueprint, "POST", "/me/cards", permission="residents.write", body=CardIn, answer=CardOut, status=201)
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def bind(call: Call, body: dict[str, Any]) -> cards.ShownCard | Refused:
    """Bind a card; any card then leads to this one resident."""
    issuer = body["issuer"].scope.tenant if body["issuer"] else None
    card = parse_card(body["kind"], body["number"], issuer)
    return cards.bind(_own(call).require_person(), card, call.by, call.effect)


@endpoint(blueprint, "GET", "/me/cards", permission="residents.read", query=PageQuery, answer=page_of(CardOut))
def own_cards(call: Call, query: dict[str, Any]) -> Page[cards.ShownCard]:
    """The cards that are and were bound to the caller."""
    return queries.cards(_own(call), query)


@endpoint(blueprint, "POST", "/me/cards/<card_id>/unbinding", permission="residents.write", answer=CardOut)
def unbind(call: Call, card_id: str) -> cards.ShownCard:
    """Take a card off; it leads nowhere from then on."""
    return cards.unbind(own_id(card_id, CARD_ID, _own(call)), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/family-contracts", permission="residents.write", body=ContractIn, answer=ContractOut,
    status=201,
)  # fmt: skip
def request(call: Call, body: dict[str, Any]) -> Seen:
    """Ask a family-doctor team for a contract; the team decides."""
    wish = contracts.Wish(body["package"], body["term_years"])
    return contracts.request(_own(call).require_person(), body["team"], wish, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/family-contracts", permission="residents.read", query=PageQuery, answer=page_of(ContractOut)
)
def own_contracts(call: Call, query: dict[str, Any]) -> Page[queries.OwnContract]:
    """The caller's contracts, newest first."""
    return queries.own_contracts(_own(call), query)


@endpoint(
    blueprint, "POST", "/me/family-contracts/<contract_id>/ending", permission="residents.write", answer=ContractOut
)
def leave(call: Call, contract_id: str) -> Seen:
    """Leave a team, or take a request back."""
    known = any_id(contract_id, CONTRACT_ID)
    return contracts.leave(_own(call).require_person(), known, call.by, call.effect)


@endpoint(blueprint, "GET", "/me/journal", permission="me.read", query=PageQuery, answer=page_of(EntryOut))
def journal(call: Call, query: dict[str, Any]) -> Page[queries.OwnEntry]:
    """What was done about the caller: when, by whom, to what; the sealed entries of their own chain.

    Who looked at their data is told in plain words by `/me/access-log`; each access is an entry here too. Who acts for
    somebody does not read how they sign in, where they work and who else acts for them.
    """
    return queries.journal(_own(call), query, alone=not call.by.behalf)
