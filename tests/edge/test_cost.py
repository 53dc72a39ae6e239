"""What the requests that are asked most often send to the database: every statement more is felt by everybody."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from app.core.glances import __name__ as glances_module
from app.core.ids import new_id
from app.identity.api import issue_staff_token
from app.identity.service.sign_in import enter
from app.visits.ids import visit_public_id
from tests.scheduling.scenes import Hospital, new_resident
from tests.visits.scenes import Clinic

_TABLE = re.compile(r"(?:FROM|INTO|UPDATE) (\w+)")
BOOKING = [
    "GLANCE",
    "BEGIN", "INSERT idempotency_keys", "SELECT slots", "SELECT home_consents", "UPDATE slots", "INSERT bills",
    "INSERT appointments", "UPDATE idempotency_keys", "INSERT journal_pending",
    "BEGIN", "SELECT persons", "INSERT person_appointments",
]  # fmt: skip
"""Doctor, registration, papers and the home institution's consent are one query, which begins with that consent. The
account is held while its row is written, so that nothing comes back into an erased one.
"""
KNOWN = ["GLANCE"]
"""At the token and what its bearer may do now."""
AGAIN = ["GLANCE"]
"""At what is read and the mark of a look in this quarter of an hour; where there is none, nothing is found."""
COUNTED = ["GLANCE", "GLANCE"]
"""Of the caller and of their tenant, once for each share that a process takes: every twentieth, hundredth request."""
LOOKING = ["BEGIN", "SELECT visits", "INSERT looks"]


class Hearing(logging.Handler):
    """Notes each glance, which the engine's events do not see: one message that is a transaction of its own."""

    def __init__(self, statements: list[str]) -> None:
        """Note them in `statements`."""
        super().__init__()
        self.statements = statements

    def emit(self, record: logging.LogRecord) -> None:
        """Note one."""
        self.statements.append("GLANCE")


@contextmanager
def sent() -> Iterator[list[str]]:
    """What this process sends to the database inside the block: of each statement its verb and its first table."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        verb, table = re.split(r"\W", statement, maxsplit=1)[0], _TABLE.search(statement)
        statements.append(f"{verb} {table[1]}" if table else verb)

    log, glances = logging.getLogger(glances_module), Hearing(statements)
    event.listen(Engine, "before_cursor_execute", note)
    log.addHandler(glances)
    log.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        log.removeHandler(glances)
        log.setLevel(logging.NOTSET)


def ask(app: Flask, token: str, method: str, path: str, body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    answer = app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)
    assert answer.status_code < 300, answer.text
    return answer


def test_a_booking(app: Flask) -> None:
    """Authentication, the booking itself in one transaction, and the resident's own row of it."""
    slot, token = str(Hospital().slot()), enter(new_id(), "+8613900000000", "zh-CN", "").access_token
    ask(app, token, "GET", "/me/appointments")  # the first request of a day notes the day, and takes a share
    with sent() as statements:
        ask(app, token, "POST", "/appointments", {"slot": slot})
    assert statements == BOOKING


def test_a_look_at_a_visit(app: Flask) -> None:
    """The first of a caller is counted, the first of a quarter of an hour makes an entry; the next find both done."""
    clinic = Clinic()
    visit = f"/visits/{visit_public_id(clinic.asked())}"
    token = issue_staff_token(clinic.scope, clinic.doctor.id, new_resident())
    with sent() as statements:
        ask(app, token, "GET", visit)
    assert statements == [*KNOWN, *COUNTED, *AGAIN, *LOOKING, "INSERT journal_pending"]
    with sent() as statements:
        ask(app, token, "GET", visit)
    assert statements == [*KNOWN, *AGAIN]
