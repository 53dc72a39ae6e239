"""What other slices may use of payments."""

from app.payments.ledger import insurer_owes
from app.payments.models import Bill
from app.payments.names import BILL_CANCELED, BILL_ID, BILL_PAID, BILL_REFUNDED, PAYMENT_ID, REFUND_ID
from app.payments.service.bills import LARGEST, BillLine, open_bill, request_cancel
from app.payments.service.refunds import request_refund

__all__ = [
    "BILL_CANCELED",
    "BILL_ID",
    "BILL_PAID",
    "BILL_REFUNDED",
    "LARGEST",
    "PAYMENT_ID",
    "REFUND_ID",
    "Bill",
    "BillLine",
    "insurer_owes",
    "open_bill",
    "request_cancel",
    "request_refund",
]
