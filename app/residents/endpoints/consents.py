"""Consents over HTTP: the texts that ask for them, giving, listing and taking back."""

from typing import Any

from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.paths import own_id
from app.residents.consent_models import Consent
from app.residents.consent_schemas import ConsentIn, ConsentOut, ConsentTextsOut
from app.residents.names import CONSENT_ID
from app.residents.rules.consent_texts import TEXTS, Text
from app.residents.service import consents

blueprint = Blueprint("consents", __name__, description="What residents let institutions read")
_CONSENTS = Keyset("consents", (Consent.id,), descending=True)


@endpoint(blueprint, "GET", "/consent-texts", permission=PUBLIC, answer=ConsentTextsOut)
def texts(call: Call) -> dict[str, tuple[Text, ...]]:
    """The texts by which consents are asked for, in Chinese and English, one for each purpose and category."""
    return {"data": TEXTS}


@endpoint(blueprint, "POST", "/me/consents", permission="consents.write", body=ConsentIn, answer=ConsentOut, status=201)
def grant(call: Call, body: consents.Wish) -> consents.OwnConsent:
    """Let an institution read one category of one's records for one purpose, until a day.

    Each category and each purpose is a consent of its own, taken back alone. No care depends on it.
    """
    return consents.grant(call.person, body, call.by, call.effect)


@endpoint(blueprint, "GET", "/me/consents", permission="consents.read", query=PageQuery, answer=page_of(ConsentOut))
def own(call: Call, query: dict[str, Any]) -> Page[consents.OwnConsent]:
    """The caller's consents, newest first, also those that have ended."""
    with unit(Scope.for_person(call.person)) as reading:
        page = _CONSENTS.page(reading, reading.select(Consent), query)
        return Page([consents.own(reading, row) for row in page.data], page.next_cursor)


@endpoint(blueprint, "POST", "/me/consents/<consent_id>/revocation", permission="consents.write", answer=ConsentOut)
def revoke(call: Call, consent_id: str) -> consents.OwnConsent:
    """Take a consent back: it opens nothing any more."""
    return consents.revoke(own_id(consent_id, CONSENT_ID, Scope.for_person(call.person)), call.by, call.effect)
