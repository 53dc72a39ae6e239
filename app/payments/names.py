"""Names that this slice gives to ids, relays and events."""

BILL_ID = "bil"
PAYMENT_ID = "pay"
REFUND_ID = "ref"
ACCOUNT_ID = "mer"
ACCOUNT_CHANGE_ID = "mac"

BILL_PAID = "bill.paid"
BILL_CANCELED = "bill.canceled"
BILL_REFUNDED = "bill.refunded"
EVENTS = {
    "bill.paid": "A bill was paid in full.",
    "bill.canceled": "A bill was canceled: nobody can pay it any more.",
    "payment.succeeded": "A payment succeeded.",
    "payment.failed": "A payment failed; the payer may try again.",
    "refund.succeeded": "A refund was paid out.",
    "refund.failed": "A refund failed, perhaps after it had succeeded; the money is still owed.",
    "refund.given_up": "Every attempt to give money back failed: finance has it tried anew, or pays it otherwise.",
    "refund.paid_otherwise": "The institution itself gave the money back, past the gateway.",
}
"""Public events of this slice."""

GATEWAY_HOSTS = "cloud_hospital_gateway_hosts"
"""Where the application keeps the names of the gateways that merchants may have accounts at."""
