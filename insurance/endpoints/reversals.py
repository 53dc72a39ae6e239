"""What finance does about reversals that no scheme answered."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from insurance.models import Settlement
from insurance.names import SETTLEMENT_ID
from insurance.schemas.reversals import ReversalOut, ReversalWordIn
from insurance.service import reversals

blueprint = Blueprint("reversals", __name__, description="Reversals at public schemes that were given up")


def _known(call: Call, reversal_id: str) -> PublicId:
    return own_id(reversal_id, SETTLEMENT_ID, call.principal.scope)


@endpoint(
    blueprint, "GET", "/given-up-reversals",
    permission="claims.read", query=PageQuery, answer=page_of(ReversalOut),
)  # fmt: skip
def given_up(call: Call, query: Mapping[str, Any]) -> Page[Settlement]:
    """Settlements that their scheme was asked to make or take back for a day without an answer, oldest first; it is
    asked to take them back every four hours, and they leave the list once it answers.
    """
    return reversals.given_up(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/given-up-reversals/<reversal_id>/attempts",
    permission="reversals.retry", answer=ReversalOut, status=201, fresh=True,
)  # fmt: skip
def retry(call: Call, reversal_id: str) -> Settlement:
    """Have the scheme asked at once, where it was asked first; read the list again for what came of it."""
    return reversals.retry(_known(call, reversal_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/given-up-reversals/<reversal_id>/word",
    permission="reversals.note", body=ReversalWordIn, answer=ReversalOut, fresh=True,
)  # fmt: skip
def note(call: Call, body: reversals.Word, reversal_id: str) -> Settlement:
    """Note that the scheme took it back past the connection, with a reference: it is reversed for good."""
    return reversals.note(_known(call, reversal_id), body, call.by, call.effect)
