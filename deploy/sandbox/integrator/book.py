"""What must survive a restart, in one SQLite file: the endpoint and its secret, the feed's cursor, every event once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
LONGEST_WAIT = 60.0
TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, arrivals INTEGER NOT NULL,
    state TEXT NOT NULL, note TEXT NOT NULL, tries INTEGER NOT NULL, due REAL NOT NULL
);
"""


class Book:
    """The file, readable by its owner alone. What a method wrote is on the disk when it returns."""

    def __init__(self, path: Path, tables: str = "") -> None:
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False)
        self._file.executescript(TABLES + tables)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """One transaction, by one thread at a time."""
        with self._lock, self._file:
            yield self._file

    def setting(self, name: str) -> str:
        """A kept value; empty where there is none."""
        with self.open() as file:
            row = file.execute("SELECT value FROM settings WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else ""

    def keep(self, **settings: str) -> None:
        """Keep values, in one transaction."""
        with self.open() as file:
            file.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings.items())

    def hear(self, events: Iterable[Json], cursor: int | None = None) -> None:
        """Keep each event, once for each id; with `cursor` also how far the feed was read."""
        with self.open() as file:
            for event in events:
                file.execute(
                    "INSERT INTO events (id, event, arrivals, state, note, tries, due)"
                    " VALUES (?, ?, 1, 'waiting', '', 0, 0) ON CONFLICT (id) DO UPDATE SET arrivals = arrivals + 1",
                    [event["id"], json.dumps(event)],
                )
            if cursor is not None:
                file.execute("INSERT OR REPLACE INTO settings VALUES ('cursor', ?)", [str(cursor)])

    def waiting(self) -> list[Json]:
        """Events with which something is still to be done now, oldest first."""
        query = "SELECT event FROM events WHERE state = 'waiting' AND due <= ? ORDER BY number"
        with self.open() as file:
            return [json.loads(row[0]) for row in file.execute(query, [time.time()])]

    def settle(self, event_id: str, state: str, note: str) -> None:
        """Say what became of an event: `done`, or `failed` for good."""
        with self.open() as file:
            file.execute("UPDATE events SET state = ?, note = ? WHERE id = ?", [state, note, event_id])

    def put_off(self, event_id: str, note: str) -> None:
        """Try an event again later, each time after a longer wait."""
        with self.open() as file:
            query = "SELECT tries FROM events WHERE id = ?"
            tries = file.execute(query, [event_id]).fetchone()[0]
            due = time.time() + min(LONGEST_WAIT, 0.5 * 2.0**tries)
            file.execute(
                "UPDATE events SET tries = tries + 1, due = ?, note = ? WHERE id = ?", [due, note, event_id]
            )  # fmt: skip

    def shown(self) -> list[Json]:
        """Every event: how often it arrived, what became of it."""
        query = "SELECT event, arrivals, state, note FROM events ORDER BY number"
        with self.open() as file:
            rows = file.execute(query).fetchall()
        return [
            {**json.loads(event), "arrivals": arrivals, "state": state, "note": note}
            for event, arrivals, state, note in rows
        ]
