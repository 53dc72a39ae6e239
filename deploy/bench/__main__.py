"""`python -m deploy.bench`: runs every benchmark on one PostgreSQL with fsync on; writes `var/bench.json`."""

import json
import secrets
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from app.core.clock import SystemClock
from app.core.engines import fenced
from app.core.unit import Database, connect
from app.core.wake import Hints
from app.settings import Settings
from deploy.bench import hooks
from deploy.bench.measure import Figures, Meter
from deploy.bench.receiver import receiving
from deploy.stack import Stack, administrator, environment, new_keys, prepare

PLACE = Path("var")
TENANTS = 4


def main() -> None:
    """Start, measure, write, stop."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="cloud-hospital-bench-") as place:
        Path(place).chmod(0o755)
        results = _measure(stack, Path(place))
    PLACE.mkdir(exist_ok=True)
    (PLACE / "bench.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


def _measure(stack: ExitStack, place: Path) -> dict[str, float | Figures]:
    environ = environment(prepare(administrator(stack, place)), new_keys())
    settings = Settings.from_environment(environ)
    platform = stack.enter_context(Stack(environ, place / "logs"))
    engine = fenced(settings.database_app, 5)
    stack.callback(engine.dispose)
    hints = stack.enter_context(closing(Hints([("127.0.0.1", platform.wake)])))
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind, hints))
    web, worker = platform.start_web(), platform.start_worker()
    arrivals = stack.enter_context(receiving())
    meter = Meter(lambda: [web.popen.pid, worker.popen.pid, *_servers(place)], lambda: [web.popen.pid])
    scopes = [hooks.tenant(secrets.randbelow(2**52) + 1, arrivals) for _ in range(TENANTS)]
    hooks.happen(scopes[0], 1)
    arrivals.wait(1)
    calm = hooks.calm(scopes[0], arrivals, meter)
    load = hooks.load(scopes, arrivals, meter)
    return {"calibration_ms": meter.calibration_ms, "event_to_hook": calm, "deliver_hook": load}


def _servers(place: Path) -> list[int]:
    """The database server's process, whose children are its connections."""
    pid_file = next(place.glob("postgres/**/postmaster.pid"), None)
    return [int(pid_file.read_text().splitlines()[0])] if pid_file else []


main()
