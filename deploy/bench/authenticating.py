"""What it adds to a request to know who asks and whether they may, and to bind their tenant."""

from itertools import cycle, islice
from statistics import mean

import requests

from app.core.scope import Scope
from app.core.unit import run
from app.identity.api import register_client
from deploy.bench import doors
from deploy.bench.measure import Figures, Meter, play

ROUNDS = 4
REQUESTS = 500
"""Of each kind in a round; the kinds take turns, so that a machine that grows slower is slower for both."""
THREADS = 4
SECONDS = 15


def token(url: str, scope: Scope) -> str:
    """An access token of a system of the tenant of `scope`."""
    client, secret = run(scope, lambda opened: register_client(opened, "bench", [doors.PERMISSION]))
    form = {"grant_type": "client_credentials"}
    answer = requests.post(f"{url}/oauth/token", form, auth=(str(client.public_id), secret), timeout=SECONDS)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def compare(url: str, bearer: str, meter: Meter) -> Figures:
    """The CPU that the door adds to a request: of the web process, and with the database's. Its first request, which
    may have to learn something, is not among them.
    """
    found = dict[str, list[Figures]]({doors.OPEN: [], doors.CLOSED: []})
    _ask(url, doors.CLOSED, bearer, meter, 1)
    for path in islice(cycle(found), 2 * ROUNDS):
        found[path].append(_ask(url, path, bearer, meter, REQUESTS))

    def average(path: str, name: str) -> float:
        return mean(figures[name] for figures in found[path])

    added = {
        f"added_{name}": round(average(doors.CLOSED, name) - average(doors.OPEN, name), 3)
        for name in ("cpu_ms", "request_cpu_ms")
    }
    return {**added, "rps": round(average(doors.CLOSED, "rps"), 1), "open_rps": round(average(doors.OPEN, "rps"), 1)}


def _ask(url: str, path: str, bearer: str, meter: Meter, count: int) -> Figures:
    figures, headers = Figures(), {"Authorization": f"Bearer {bearer}"} if path == doors.CLOSED else {}
    with requests.Session() as session, meter.counting(figures, count, lambda: None):
        session.trust_env = False

        def act(number: int) -> None:
            session.get(f"{url}/api/v1{path}", headers=headers, timeout=SECONDS).raise_for_status()

        play(act, count, THREADS)
    return figures
