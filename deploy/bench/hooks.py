"""Hooks: how many a second under load, and what one costs."""

from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain, record
from app.core.scope import Scope
from app.core.send.models import Endpoint, EndpointState
from app.core.send.secrets import new_secret, seal_secret
from app.core.unit import Unit, run
from deploy.bench.measure import Figures, Meter
from deploy.bench.receiver import Arrivals

TYPE = "staff.invited"
"""A public event; which one does not matter."""
LOAD = 3000
EACH = 50


def tenant(number: int, arrivals: Arrivals) -> Scope:
    """A fresh tenant that hears its events at the receiver."""
    scope = Scope.for_tenant(number)
    run(scope, open_chain)
    hear(scope, TYPE, arrivals)
    return scope


def hear(scope: Scope, type: str, arrivals: Arrivals) -> None:
    """Let the tenant of `scope` hear its events of one type at the receiver."""

    def work(unit: Unit) -> None:
        endpoint_id = new_id()
        secret = seal_secret(unit.cipher, scope, endpoint_id, new_secret())
        unit.add(
            Endpoint(
                id=endpoint_id, url=arrivals.url, types=[type], state=EndpointState.ACTIVE, secret=secret, version=1,
                created_at=unit.now,
            )
        )  # fmt: skip

    run(scope, work)


def happen(scope: Scope, count: int) -> None:
    """`count` events in one commit, each of a subject of its own."""

    def work(unit: Unit) -> None:
        for _ in range(count):
            record(unit, TYPE, PublicId("sta", scope, new_id()), 1, {"roles": ["doctor"]})

    run(scope, work)


def load(scopes: list[Scope], arrivals: Arrivals, meter: Meter) -> Figures:
    """Deliveries a second, and the CPU of one from its sealing to its recorded answer."""
    before, figures = arrivals.count, Figures()
    with meter.counting(figures, LOAD, lambda: arrivals.wait(before + LOAD)):
        for number in range(LOAD // EACH):
            happen(scopes[number % len(scopes)], EACH)
    return {"cpu_ms": figures["cpu_ms"], "per_second": figures["per_second"]}
