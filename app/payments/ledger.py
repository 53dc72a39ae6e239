"""The ledger: double entry, written once and never changed.

Accounts: `clearing:<merchant account>` is our money at the gateway, `payers` what is owed to payers, `income:<line
code>` what was earned, `refunds` what was given back of it, `transfers` what was given back past the gateway (the
institution's bank has the other side), `receivable:<tenant>` what an insurer owes, who pays its
share of what was supplied: that was earned too (`income:insured`). A payment is first owed to its payer; paying a bill
earns it; granting a refund makes it owed again; the refund pays the debt. So a late success is owed until it went back,
and what a failed refund left unpaid stays visible.
"""

import uuid
from collections import Counter
from collections.abc import Mapping

from app.core.ids import new_id
from app.core.unit import Unit
from app.payments.models import Bill, Payment, Posting, Refund

PAYERS = "payers"
REFUNDS = "refunds"
TRANSFERS = "transfers"
INSURED = "income:insured"


def payment_received(unit: Unit, bill: Bill, payment: Payment) -> None:
    """The gateway has the payer's money."""
    _post(unit, bill, "payment.received", payment.id, {clearing(payment): payment.amount, PAYERS: -payment.amount})


def bill_paid(unit: Unit, bill: Bill) -> None:
    """The payer's money pays the bill, line by line."""
    earned = Counter[str]()
    for line in bill.lines:
        earned[f"income:{line['code']}"] -= line["amount"]
    _post(unit, bill, "bill.paid", bill.id, {PAYERS: bill.total, **earned})


def refund_granted(unit: Unit, bill: Bill, refund: Refund) -> None:
    """Part of what the bill earned is owed to the payer again."""
    _post(unit, bill, "refund.granted", refund.id, {REFUNDS: refund.amount, PAYERS: -refund.amount})


def refund_paid(unit: Unit, bill: Bill, payment: Payment, refund: Refund) -> None:
    """The gateway gave money back to the payer."""
    _post(unit, bill, "refund.paid", refund.id, {PAYERS: refund.amount, clearing(payment): -refund.amount})


def refund_paid_otherwise(unit: Unit, bill: Bill, refund: Refund) -> None:
    """The institution itself gave money back to the payer; the gateway still has what it did not pay out."""
    _post(unit, bill, "refund.paid_otherwise", refund.id, {PAYERS: refund.amount, TRANSFERS: -refund.amount})


def refund_returned(unit: Unit, bill: Bill, payment: Payment, refund: Refund) -> None:
    """A refund that was paid came back: the money is at the gateway, and owed to the payer."""
    _post(unit, bill, "refund.returned", refund.id, {clearing(payment): refund.amount, PAYERS: -refund.amount})


def insurer_owes(unit: Unit, resident: uuid.UUID, subject: uuid.UUID, insurer: int, amount: int) -> None:
    """The insurer (its tenant number) bears `amount` fen of what the settlement or claim `subject` is for.

    Below zero takes back what the same subject had posted. Each may be posted once for a subject.
    """
    reason = "insurance.granted" if amount > 0 else "insurance.taken_back"
    _add(unit, resident, None, reason, subject, {f"receivable:{insurer}": amount, INSURED: -amount})


def clearing(payment: Payment) -> str:
    """The account of our money at the gateway through which `payment` went."""
    return f"clearing:{payment.account_id.hex}"


def _post(unit: Unit, bill: Bill, reason: str, subject: uuid.UUID, amounts: Mapping[str, int]) -> None:
    _add(unit, bill.resident_id, bill.id, reason, subject, amounts)


def _add(  # the columns of a posting
    unit: Unit, resident: uuid.UUID, bill: uuid.UUID | None, reason: str, subject: uuid.UUID, amounts: Mapping[str, int]
) -> None:
    if sum(amounts.values()):
        raise ValueError("debits and credits of a transaction are equal")
    for account, amount in amounts.items():
        if amount:
            unit.add(
                Posting(
                    id=new_id(), resident_id=resident, bill_id=bill, reason=reason, subject_id=subject,
                    account=account, amount=amount, posted_at=unit.now,
                )
            )  # fmt: skip
