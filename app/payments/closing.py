"""Payments' part in the end of an account."""

from collections.abc import Iterable

from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose, rows_within
from app.payments.ids import payment_id, refund_id
from app.payments.models import Payment, Refund
from app.payments.rules.payments import under_way
from app.payments.rules.refunds import IN_FLIGHT


def _blockers(whose: Whose) -> Iterable[Blocker]:
    for _, row in rows_within(whose, Payment):
        if under_way(row.state):
            yield Blocker("open_payment", payment_id(row))
    for _, row in rows_within(whose, Refund):
        if row.state in IN_FLIGHT:  # one that was given up may stay so for ever: finance keeps it, and pays otherwise
            yield Blocker("open_refund", refund_id(row))


CLOSING = Closing(
    kept={
        "bills": Rule.ACCOUNTS,
        "payments": Rule.ACCOUNTS,
        "refunds": Rule.ACCOUNTS,
        "ledger_postings": Rule.JOURNAL,
    },
    blockers=_blockers,
)
