"""The pharmacy's own books: its stock, and what it answered to each order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.sandbox.integrator.book import Book

Json = dict[str, Any]
TABLES = """
CREATE TABLE IF NOT EXISTS products (
    medicine TEXT PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL CHECK (stock >= 0)
);
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, answer TEXT NOT NULL, reason TEXT NOT NULL, packs TEXT NOT NULL, state TEXT NOT NULL,
    named_before INTEGER NOT NULL
);
"""


@dataclass(frozen=True)
class Answered:
    """What this pharmacy decided about an order, and what has become of it here."""

    order: str
    answer: str
    """`acceptance` or `declining`."""
    reason: str
    packs: Mapping[str, int]
    """What is set aside for it, by the medicine's code."""
    state: str
    """`decided` (the platform may not know yet), `told`, `ended`."""
    named_before: bool
    """Whether the order named its person before it was accepted; it never may."""


class Shelf:
    """Stock and answers, in the system's book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def fill(self, products: Iterable[Json]) -> None:
        """Take new products and new prices; what is known keeps its stock."""
        with self._book.open() as file:
            file.executemany(
                "INSERT INTO products VALUES (:medicine, :name, :price, :stock)"
                " ON CONFLICT (medicine) DO UPDATE SET name = excluded.name, price = excluded.price",
                products,
            )

    def products(self) -> list[Json]:
        """Everything on sale, as the platform wants to hear it."""
        with self._book.open() as file:
            rows = file.execute("SELECT medicine, name, price, stock FROM products ORDER BY medicine").fetchall()
        return [dict(zip(("medicine", "name", "price", "stock"), row, strict=True)) for row in rows]

    def answered(self, order: str) -> Answered | None:
        """What was decided about that order."""
        return next((one for one in self.all() if one.order == order), None)

    def all(self) -> list[Answered]:
        """Every order that was decided, oldest first."""
        query = "SELECT id, answer, reason, packs, state, named_before FROM orders ORDER BY rowid"
        with self._book.open() as file:
            rows = file.execute(query).fetchall()
        return [
            Answered(order, answer, reason, json.loads(packs), state, bool(named))
            for order, answer, reason, packs, state, named in rows
        ]

    def decide(self, order: str, lines: Sequence[Json], *, closed: bool, named: bool) -> Answered:
        """Set everything aside, or nothing; both are remembered at once."""
        wanted: dict[str, int] = {}
        for line in lines:
            wanted[line["code"]] = wanted.get(line["code"], 0) + line["quantity"]
        with self._book.open() as file:
            stock = dict(file.execute("SELECT medicine, stock FROM products").fetchall())
            enough = all(stock.get(code, 0) >= packs for code, packs in wanted.items())
            accepts = enough and not closed
            reason = "" if accepts else ("closed" if closed else "out_of_stock")
            packs = wanted if accepts else {}
            made = Answered(order, "acceptance" if accepts else "declining", reason, packs, "decided", named)
            file.executemany("UPDATE products SET stock = stock - ? WHERE medicine = ?", _by_code(packs))
            row = [order, made.answer, reason, json.dumps(packs), made.state, named]
            file.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
        return made

    def told(self, order: str) -> None:
        """The platform has the answer."""
        with self._book.open() as file:
            file.execute("UPDATE orders SET state = 'told' WHERE id = ? AND state = 'decided'", [order])

    def put_back(self, order: str) -> bool:
        """Put what was set aside on the shelf again, once; whether there was any."""
        with self._book.open() as file:
            query = "UPDATE orders SET state = 'ended' WHERE id = ? AND state <> 'ended' RETURNING packs"
            row = file.execute(query, [order]).fetchone()
            packs: dict[str, int] = json.loads(row[0]) if row else {}
            file.executemany("UPDATE products SET stock = stock + ? WHERE medicine = ?", _by_code(packs))
        return bool(packs)


def _by_code(packs: Mapping[str, int]) -> list[tuple[int, str]]:
    return [(count, code) for code, count in packs.items()]
