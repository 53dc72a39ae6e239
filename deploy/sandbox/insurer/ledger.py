"""The insurer's own books: what it decided, and what was settled."""

from __future__ import annotations

import json
from typing import Any

from deploy.sandbox.integrator.book import Book

Json = dict[str, Any]
TABLES = """
CREATE TABLE IF NOT EXISTS decisions (claim_case TEXT PRIMARY KEY, claim TEXT NOT NULL, decision TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS settled (
    claim_case TEXT PRIMARY KEY, claim TEXT NOT NULL, provider TEXT NOT NULL, billed INTEGER NOT NULL,
    fund INTEGER NOT NULL, heard TEXT NOT NULL
);
"""
_SETTLED = ("claim_case", "claim", "provider", "billed", "fund", "heard")


class Ledger:
    """Decisions and settlements, in the system's book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def decided(self, case: Json, decision: Json) -> None:
        """Keep the decision that the platform took."""
        row = [case["id"], case["claim"], json.dumps(decision)]
        with self._book.open() as file:
            file.execute("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", row)

    def settle(self, case: Json, heard: str) -> bool:
        """Book what the insurer owes for a settled case, once; whether it is what was decided here, if it was."""
        fund = case["fund"]
        row = [case["id"], case["claim"], case["provider"], case["billed"], fund, heard]
        with self._book.open() as file:
            file.execute("INSERT OR IGNORE INTO settled VALUES (?, ?, ?, ?, ?, ?)", row)
            query = "SELECT decision FROM decisions WHERE claim_case = ?"
            known = file.execute(query, [case["id"]]).fetchone()
        return known is None or json.loads(known[0])["totals"]["fund"] == fund

    def shown(self) -> Json:
        """Both books, oldest first."""
        with self._book.open() as file:
            decisions = file.execute("SELECT claim_case, claim, decision FROM decisions ORDER BY rowid").fetchall()
            settled = file.execute(f"SELECT {', '.join(_SETTLED)} FROM settled ORDER BY rowid").fetchall()  # noqa: S608  # constants
        return {
            "decisions": [{"claim_case": case, "claim": claim, **json.loads(made)} for case, claim, made in decisions],
            "settled": [dict(zip(_SETTLED, row, strict=True)) for row in settled],
        }
