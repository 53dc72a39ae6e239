"""What payments contribute to the export of everything about a person: bills, payments and what came back."""

from typing import Any

from marshmallow import Schema, fields

from app.edge.exporting import Contribution, Whose, rendered, rows_within
from app.edge.schema import Fen, IdOf, Instant, Word
from app.payments.ids import refund_id
from app.payments.models import Bill, Payment, Refund
from app.payments.names import REFUND_ID
from app.payments.rules.refunds import RefundState
from app.payments.schemas import BillOut, PaymentOut
from app.payments.service.showing import read_bill, read_payment


class RefundOut(Schema):
    """Money of a payment on its way back, or back; amounts in fen."""

    id = IdOf(REFUND_ID, refund_id)
    cause = fields.String()
    amount = Fen()
    state = Word(RefundState)
    transfer_reference = fields.String(allow_none=True)
    created_at = Instant()


def _bills(whose: Whose) -> list[Any]:
    return rendered(BillOut, (read_bill(scope, row.id) for scope, row in rows_within(whose, Bill)))


def _payments(whose: Whose) -> list[Any]:
    """Without what the payer must still do: whoever has that address or code acts as the payer."""
    schema = PaymentOut(exclude=("next_action",))
    return [schema.dump(read_payment(scope, row.id)) for scope, row in rows_within(whose, Payment)]


CONTRIBUTION = Contribution(
    parts={
        "bills": _bills,
        "payments": _payments,
        "refunds": lambda whose: rendered(RefundOut, (row for _, row in rows_within(whose, Refund))),
    },
    tables=frozenset({"bills", "payments", "refunds"}),
)
