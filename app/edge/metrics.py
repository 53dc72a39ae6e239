"""Counts and times of requests, for those who run the platform, in Prometheus' text format.

Labels are the method, the rule (never the path) and the class of the status, so that their number stays small and no
label holds anybody's data. With several web processes the counts lie in files of a common directory
(`PROMETHEUS_MULTIPROC_DIR`, made by deploy/gunicorn.conf.py), and any process answers for all.
"""

import hmac
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.core.access import PUBLIC
from app.core.backlog import Backlog
from app.core.errors import NotFound
from app.edge.permissions import declare

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; the last lie around the database's own limits."""
REQUESTS = Counter("http_requests", "Requests answered", ["method", "rule", "status"])
SECONDS = Histogram("http_request_seconds", "Seconds from request to answer", ["method", "rule"], buckets=BUCKETS)


def known(method: str) -> str:
    """`method` where it is one of HTTP's usual ones: a caller can make up others without end."""
    return method if method in METHODS else "other"


def observe(method: str, rule: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    name = known(method)
    REQUESTS.labels(name, rule, f"{status // 100}xx").inc()
    SECONDS.labels(name, rule).observe(seconds)


def blueprint(token: str, waiting: Callable[[], Backlog]) -> Blueprint:
    """`GET /metrics`, answered to the machine itself, and to whoever bears `token` if it is not empty; others find
    nothing there. `waiting` is asked at each look.
    """
    made = Blueprint("metrics", __name__)

    def show() -> Response:
        if not (_is_local() or _bears(token)):
            raise NotFound
        figures = CollectorRegistry()
        figures.register(_Waiting(waiting))
        text = generate_latest(_registry()) + generate_latest(figures)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    made.get("/metrics")(declare(show, PUBLIC))
    return made


@dataclass(frozen=True)
class _Waiting(Collector):
    """Figures that no process counts: they stand in the database."""

    ask: Callable[[], Backlog]

    def collect(self) -> Iterator[Metric]:
        reached = GaugeMetricFamily("database_reached", "Whether the figures of what waits could be read")
        try:
            found = self.ask()
        except SQLAlchemyError:
            reached.add_metric([], 0)
            yield reached
            return
        reached.add_metric([], 1)
        yield reached
        overdue = GaugeMetricFamily("work_overdue_seconds", "Age of the oldest row that is due", labels=["table"])
        for table, seconds in found.overdue.items():
            overdue.add_metric([table], seconds)
        yield overdue
        late = GaugeMetricFamily("questions_put_off", "Questions outside that nobody answers", labels=["table"])
        for table, count in found.put_off.items():
            late.add_metric([table], count)
        yield late
        abandoned = GaugeMetricFamily("given_up", "Rows that were tried often enough: people must", labels=["table"])
        for table, count in found.given_up.items():
            abandoned.add_metric([table], count)
        yield abandoned
        yield GaugeMetricFamily("relays_stuck", "Relays that wait for an operator", found.stuck_relays)
        yield GaugeMetricFamily("deliveries_exhausted", "Webhooks given up", found.exhausted_deliveries)


def _is_local() -> bool:
    # Behind a proxy on this machine everybody seems to be local: a forwarded request never is.
    if "Forwarded" in request.headers or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _bears(token: str) -> bool:
    given = request.headers.get("Authorization", "").encode()
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it carries no types
    return registry
