"""What finance does about refunds that every attempt failed to bring."""

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint

from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.paths import own_id
from app.payments.models import Refund
from app.payments.names import REFUND_ID
from app.payments.schemas import RefundOut, TransferIn
from app.payments.service import otherwise, refunds

blueprint = Blueprint("refunds", __name__, description="Refunds that were given up")
_GIVEN_UP = Keyset("given_up_refunds", (Refund.id,))


@endpoint(
    blueprint, "GET", "/given-up-refunds",
    permission="bills.read_all", query=PageQuery, answer=page_of(RefundOut),
)  # fmt: skip
def given_up(call: Call, query: Mapping[str, Any]) -> Page[Refund]:
    """Refunds that the gateway refused each time, oldest first: what waits for that money waits on."""
    with unit(call.principal.scope) as reading:
        return _GIVEN_UP.page(reading, reading.select(Refund).where(Refund.given_up_at.is_not(None)), query)


@endpoint(
    blueprint, "POST", "/refunds/<refund_id>/attempts",
    permission="refunds.retry", answer=RefundOut, status=201, fresh=True,
)  # fmt: skip
def retry(call: Call, refund_id: str) -> Refund:
    """Try once more a refund that was given up; answers with the new attempt."""
    return refunds.retry(own_id(refund_id, REFUND_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/refunds/<refund_id>/transfer",
    permission="refunds.pay_otherwise", body=TransferIn, answer=RefundOut, fresh=True,
)  # fmt: skip
def paid_otherwise(call: Call, body: otherwise.Transfer, refund_id: str) -> Refund:
    """Note that a refund that was given up was paid to its payer past the gateway: it ends for good."""
    return otherwise.pay_otherwise(own_id(refund_id, REFUND_ID, call.principal.scope), body, call.by, call.effect)
