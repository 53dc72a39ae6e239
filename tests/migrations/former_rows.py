"""Rows as the release before wrote them, and as a release leaves them behind: what migrations make of either."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]
Look = Callable[[Connection], None]
OWNER, OTHER = 1000, uuid.uuid4()
SAMPLES: Mapping[str, Any] = {
    "uuid": OTHER, "text": "x", "bigint": 1, "integer": 1, "smallint": 1, "boolean": False, "bytea": b"x",
    "date": "2026-11-22", "timestamp with time zone": "2026-11-22T00:00:00Z", "json": "[]", "jsonb": "[]",
}  # fmt: skip
NEEDED = """
    SELECT column_name, data_type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = %s AND is_nullable = 'NO' AND is_identity = 'NO'
"""


def put(connection: Connection, table: str, **values: Any) -> uuid.UUID:
    """A row of `table` with these values and something in every other column that needs it; returns its id."""
    own = uuid.uuid4()
    needed = {name: SAMPLES[kind] for name, kind in connection.execute(NEEDED, [table]).fetchall()}
    row = needed | {"id": own} | ({"tenant_id": OWNER} if "tenant_id" in needed else {}) | values
    into = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join([sql.Placeholder()] * len(row)),
    )  # fmt: skip
    connection.execute(into, list(row.values()))
    return own


def seen(connection: Connection, table: str, *columns: str) -> list[Any]:
    """These columns of all rows, in their order."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(names, sql.Identifier(table), names)
    return [row if len(columns) > 1 else row[0] for row in connection.execute(query).fetchall()]


def empty(connection: Connection) -> None:
    """Take everything out again: what later migrations meet is their own rows' business."""
    for table in TABLES:
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def before_0030(connection: Connection) -> None:
    """Visits with prescriptions, refunds that failed, settlements at a scheme, refusals under their former words."""
    paid = {"institution_name": "x", "institution_license": "x", "legal_basis": "follow_up"}
    signed = {"document": b"x", "signed_at": "now", "expires_at": "now", "institution_name": "x", "due_at": None}
    for standing in (2, 0):
        visit = put(connection, "visits", state="taken", fee=standing, due_at="now", **paid)
        for number, state in enumerate(("pending_review", "expired", "withdrawn", "review_rejected")):
            if standing or number > 1:
                put(connection, "prescriptions", visit_id=visit, state=state, validity_days=3, **signed)
        put(connection, "prescriptions", visit_id=visit, state="draft", validity_days=3)
    for amount, back in ((1000, 0), (500, 500)):
        _failed_refund(connection, amount, back)
    put(connection, "scheme_connections", insurer=7, url="https://scheme")
    for state, payer in (("committed", "public_scheme"), ("trial", "public_scheme"), ("committed", "commercial")):
        put(
            connection, "settlements", state=state, payer=payer, insurer=7, coverage=OTHER, kind="visit",
            asked=f"{state} {payer}", subject=f"{state} {payer}", total=3, fund=1, account=1, cash=1, prepaid=0,
        )  # fmt: skip
    (settled, *_) = seen(connection, "settlements", "id")
    put(
        connection, "claims", settlement_id=settled, kind="settlement", state="denied", billed=3, fund=1, account=1,
        cash=1, returned=0,
    )  # fmt: skip
    put(connection, "corrections", state="refused", area="record", answer=b"x", reason="x", statement=b"x")
    put(connection, "civil_papers", state="refused", kind="succession")
    put(connection, "person_corrections", state="refused")


def _failed_refund(connection: Connection, amount: int, back: int) -> None:
    """A payment of `amount` fen of which `back` went back, and a wish for 400 that failed twice."""
    bill = put(connection, "bills", state="canceled", total=amount)
    account = put(connection, "merchant_accounts")
    payment = put(
        connection, "payments", bill_id=bill, account_id=account, asked=str(amount), state="succeeded", amount=amount,
        paid=amount, refunded=back, in_flight=0,
    )  # fmt: skip
    of = {"bill_id": bill, "payment_id": payment, "amount": 400, "state": "failed", "origin_id": uuid.uuid4()}
    for attempt in (4, 5):
        put(connection, "refunds", attempt=attempt, **of)


FORMER = {"claims": "denied", "corrections": "refused", "civil_papers": "refused", "person_corrections": "refused"}
LATER = {
    "claims": "turned_away",
    "corrections": "declined",
    "civil_papers": "rejected",
    "person_corrections": "declined",
}


def after_0030(connection: Connection) -> None:
    """What was counted, given up and remembered; then what the release writes under its new words."""
    assert seen(connection, "visits", "fee", "prescribed") == [(0, None), (2, 2)]
    given_up = "SELECT payment_id FROM refunds WHERE attempt = 5 AND given_up_at IS NOT NULL"
    waiting = f"SELECT amount, in_flight FROM payments WHERE id IN ({given_up})"  # noqa: S608  # words of our own
    assert connection.execute(waiting.encode()).fetchall() == [(1000, 400)]
    assert connection.execute(b"SELECT count(*) FROM refunds WHERE given_up_at IS NOT NULL").fetchone() == (1,)
    assert seen(connection, "payments", "amount", "in_flight") == [(500, 0), (1000, 400)]
    assert seen(connection, "settlements", "asked", "scheme_url") == [
        ("committed commercial", None), ("committed public_scheme", "https://scheme"), ("trial public_scheme", None),
    ]  # fmt: skip
    assert {table: seen(connection, table, "state") for table in FORMER} == {t: [w] for t, w in FORMER.items()}
    for table, word in LATER.items():
        connection.execute(sql.SQL("UPDATE {} SET state = %s").format(sql.Identifier(table)), [word])
    connection.execute(b"UPDATE visits SET state = 'unconcluded' WHERE prescribed = 2")
    otherwise = "state = 'paid_otherwise', otherwise_reason = 'payer_asked', transfer_reference = 'x'"
    connection.execute(f"UPDATE refunds SET {otherwise} WHERE attempt = 4".encode())  # noqa: S608  # words of our own


def back_at_0029(connection: Connection) -> None:
    """The release before can read every row again, and no money is reserved that it does not know of."""
    assert {table: seen(connection, table, "state") for table in FORMER} == {t: [w] for t, w in FORMER.items()}
    assert seen(connection, "visits", "fee", "state") == [(0, "taken"), (2, "taken")]
    assert seen(connection, "payments", "amount", "in_flight") == [(500, 0), (1000, 0)]
    assert seen(connection, "refunds", "attempt", "state") == [(4, "succeeded")] * 2 + [(5, "failed")] * 2


def of_0032(connection: Connection) -> None:
    """A visit of which nobody is reminded any more, and a reversal that was given up."""
    put(connection, "visits", state="unconcluded", institution_name="x", institution_license="x",
        legal_basis="follow_up", due_at=None)  # fmt: skip
    put(connection, "settlements", state="reversing", payer="self", kind="visit", total=0, fund=0, account=0, cash=0,
        prepaid=0, due_at=None, given_up_at="now")  # fmt: skip


def back_before_0032(connection: Connection) -> None:
    """Both are due: the release before reminds and asks for ever."""
    assert [seen(connection, table, "due_at") != [None] for table in ("visits", "settlements")] == [True, True]


def before_0035(connection: Connection) -> None:
    """An account in each language."""
    for locale in ("en", "zh-CN"):
        row = [uuid.uuid4(), locale]
        connection.execute(
            "INSERT INTO persons (person_id, version, created_at, locale) VALUES (%s, 1, now(), %s)", row
        )


def after_0035(connection: Connection) -> None:
    """English was asked for; Chinese perhaps was not."""
    query = b"SELECT locale FROM persons WHERE locale_chosen_at = created_at"
    assert connection.execute(query).fetchall() == [("en",)]


def back_at_0034(connection: Connection) -> None:
    """Each has the language that it had."""
    assert seen(connection, "persons", "locale") == ["en", "zh-CN"]


def before_0036(connection: Connection) -> None:
    """Visits whose medicines were handed over, or not yet, and one that has ended."""
    paid = {"institution_name": "x", "institution_license": "x", "legal_basis": "follow_up"}
    signed = {"document": b"x", "signed_at": "now", "expires_at": "now", "institution_name": "x", "due_at": None}
    for fee, (visit, prescription) in enumerate(
        (("unconcluded", "completed"), ("unconcluded", "ready"), ("completed", "completed"))
    ):
        own = put(connection, "visits", state=visit, fee=fee, due_at=None, **paid)
        put(connection, "prescriptions", visit_id=own, state=prescription, validity_days=3, **signed)


def after_0036(connection: Connection) -> None:
    """It is known where it matters."""
    assert seen(connection, "visits", "fee", "supplied") == [(0, True), (1, None), (2, None)]


def back_at_0035(connection: Connection) -> None:
    """Each waits or has ended as it did."""
    assert seen(connection, "visits", "fee", "state") == [(0, "unconcluded"), (1, "unconcluded"), (2, "completed")]


def after_0037(connection: Connection) -> None:
    """What was given up is asked for again."""
    assert seen(connection, "settlements", "due_at") != [None]


def back_at_0036(connection: Connection) -> None:
    """It waits for people alone."""
    assert seen(connection, "settlements", "due_at") == [None]


TABLES = (
    "claims", "settlements", "scheme_connections", "refunds", "payments", "bills", "merchant_accounts",
    "prescriptions", "visits", "corrections", "civil_papers", "person_corrections", "persons",
)  # fmt: skip
"""Those that rows are put into, whatever names others first."""
BEFORE: Mapping[str, Look] = {"0030": before_0030, "0035": before_0035, "0036": before_0036, "0037": of_0032}
UP: Mapping[str, Look] = {
    "0030": after_0030,
    "0032": of_0032,
    "0035": after_0035,
    "0036": after_0036,
    "0037": after_0037,
}
DOWN: Mapping[str, Look] = {
    "0030": back_at_0029,
    "0032": back_before_0032,
    "0035": back_at_0034,
    "0036": back_at_0035,
    "0037": back_at_0036,
}
