"""What success leaves behind: a charge, and the entries of the merchant's balance."""

from __future__ import annotations

from deploy.sandbox.gateway.state import Account, Json, new_id, now

FEE_PER_100_000 = 600


def charge(account: Account, intent: Json, method: str) -> Json:
    """The charge of an intent that just succeeded, with its entry in the balance."""
    made: Json = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "captured": True,
        "created": now(),
        "currency": intent["currency"],
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": method, method: {}},
        "refunded": False,
        "status": "succeeded",
    }
    fee = (made["amount"] * FEE_PER_100_000 + 50_000) // 100_000
    made["balance_transaction"] = enter(account, "charge", made["id"], made["amount"], fee, intent["currency"])
    account.charges[made["id"]] = made
    return made


def enter(account: Account, kind: str, source: str, amount: int, fee: int, currency: str) -> str:
    """Add an entry to the balance and give its id; ``amount`` in fen, negative for money out."""
    entry: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now(),
        "created": now(),
        "currency": currency,
        "fee": fee,
        "net": amount - fee,
        "source": source,
        "status": "available",
        "type": kind,
    }
    account.balance_transactions[entry["id"]] = entry
    return str(entry["id"])
