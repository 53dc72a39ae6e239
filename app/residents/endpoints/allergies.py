"""Allergies of residents over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.paths import own_id
from app.residents.allergy_models import Allergy
from app.residents.allergy_schemas import AllergyIn, AllergyOut
from app.residents.names import ALLERGY_ID
from app.residents.service import allergies

blueprint = Blueprint("allergies", __name__, description="What residents do not tolerate")
_ALLERGIES = Keyset("allergies", (Allergy.id,))


@endpoint(
    blueprint, "POST", "/me/allergies", permission="residents.write", body=AllergyIn, answer=AllergyOut, status=201
)
def state(call: Call, body: dict[str, str]) -> allergies.StatedAllergy:
    """State an allergy; every doctor who prescribes for one is held to it."""
    return allergies.state(call.person, body["group"], body["name"], call.by, call.effect)


@endpoint(blueprint, "GET", "/me/allergies", permission="residents.read", query=PageQuery, answer=page_of(AllergyOut))
def own(call: Call, query: dict[str, Any]) -> Page[allergies.StatedAllergy]:
    """The caller's allergies, removed ones too, oldest first."""
    with unit(Scope.for_person(call.person)) as reading:
        page = _ALLERGIES.page(reading, reading.select(Allergy), query)
        return Page([allergies.shown(reading, row) for row in page.data], page.next_cursor)


@endpoint(blueprint, "POST", "/me/allergies/<allergy_id>/removal", permission="residents.write", answer=AllergyOut)
def remove(call: Call, allergy_id: str) -> allergies.StatedAllergy:
    """Take an allergy back that was stated by mistake."""
    return allergies.remove(own_id(allergy_id, ALLERGY_ID, Scope.for_person(call.person)), call.by, call.effect)
