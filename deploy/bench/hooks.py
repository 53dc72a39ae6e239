"""Hooks: how long from a committed event to its arrival at a calm pace, and how many a second under load."""

import time

from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain, record
from app.core.scope import Scope
from app.core.send.models import Endpoint, EndpointState
from app.core.send.secrets import new_secret, seal_secret
from app.core.unit import Unit, run
from deploy.bench.measure import Figures, Meter, latencies
from deploy.bench.receiver import Arrivals

TYPE = "staff.invited"
"""A public event; which one does not matter."""
PACE = 5
CALM = 60
LOAD = 3000
EACH = 50


def tenant(number: int, arrivals: Arrivals) -> Scope:
    """A fresh tenant that hears its events at the receiver."""
    scope = Scope.for_tenant(number)

    def work(unit: Unit) -> None:
        open_chain(unit)
        endpoint_id = new_id()
        secret = seal_secret(unit.cipher, scope, endpoint_id, new_secret())
        unit.add(
            Endpoint(
                id=endpoint_id, url=arrivals.url, types=[TYPE], state=EndpointState.ACTIVE, secret=secret, version=1,
                created_at=unit.now,
            )
        )  # fmt: skip

    run(scope, work)
    return scope


def happen(scope: Scope, count: int) -> None:
    """`count` events in one commit, each of a subject of its own."""

    def work(unit: Unit) -> None:
        for _ in range(count):
            record(unit, TYPE, PublicId("sta", scope, new_id()), 1, {"roles": ["doctor"]})

    run(scope, work)


def calm(scope: Scope, arrivals: Arrivals, meter: Meter) -> Figures:
    """From the commit of an event to the arrival of its hook, at `PACE` a second."""
    before, figures, committed = arrivals.count, Figures(), list[float]()
    with meter.counting(figures, CALM, lambda: arrivals.wait(before + CALM)):
        for _ in range(CALM):
            happen(scope, 1)
            committed.append(time.monotonic())
            time.sleep(1 / PACE)
    taken = [(arrivals.at(before + number) - at) * 1000 for number, at in enumerate(committed)]
    return {"cpu_ms": figures["cpu_ms"], **latencies(taken)}


def load(scopes: list[Scope], arrivals: Arrivals, meter: Meter) -> Figures:
    """Deliveries a second, and the CPU of one from its sealing to its recorded answer."""
    before, figures = arrivals.count, Figures()
    with meter.counting(figures, LOAD, lambda: arrivals.wait(before + LOAD)):
        for number in range(LOAD // EACH):
            happen(scopes[number % len(scopes)], EACH)
    return {"cpu_ms": figures["cpu_ms"], "per_second": figures["per_second"]}
