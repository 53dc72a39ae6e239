"""Sealing: how many entries a second one worker puts into their chains, where nobody hears of them."""

import secrets
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import psycopg

from app.core.journal.record import open_chain
from app.core.scope import Scope
from app.core.unit import run
from deploy.bench.cpu import calibrate, of_trees
from deploy.bench.hooks import happen
from deploy.bench.measure import Figures, Meter

DEFAULT = 50_000
TENANTS = 8
EACH = 500
"""Entries of one commit."""
LOOK_SECONDS = 0.1
COUNT = "SELECT count(*) FROM journal_pending"
ANY = "SELECT EXISTS (SELECT FROM journal_pending)"


def wait_for_a_worker(entries: int) -> None:
    """Let so many `entries` happen, in whole commits; no worker runs yet."""
    scopes = list(_tenants())
    for scope in islice(cycle(scopes), entries // EACH):
        happen(scope, EACH)


def _tenants() -> Iterator[Scope]:
    for _ in range(TENANTS):
        scope = Scope.for_tenant(secrets.randbelow(2**52) + 1)
        run(scope, open_chain)
        yield scope


def sealed(connection: psycopg.Connection, meter: Meter, start: Callable[[], object]) -> Figures:
    """Entries a second from the moment at which the worker that `start` starts is ready, and the CPU of one."""
    meter.calibrations.append(calibrate())
    start()
    waiting, cpu, began = _number(connection, COUNT), of_trees(meter.roots()), time.perf_counter()
    while _number(connection, ANY):
        time.sleep(LOOK_SECONDS)
    took, spent = time.perf_counter() - began, of_trees(meter.roots()) - cpu
    meter.calibrations.append(calibrate())
    return {"entries": waiting, "cpu_ms": round(spent / waiting, 3), "per_second": round(waiting / took, 1)}


def _number(connection: psycopg.Connection, query: str) -> int:
    (found,) = connection.execute(query.encode()).fetchall()
    return int(found[0])
