"""`python -m deploy.bench`: runs every benchmark on one PostgreSQL with fsync on; writes `var/bench.json`."""

import json
import secrets
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg

from app.core.clock import SystemClock
from app.core.engines import fenced
from app.core.ids import PublicId
from app.core.unit import Database, connect
from app.core.wake import Hints
from app.settings import Settings
from deploy.bench import booking, hooks, reading, signing
from deploy.bench.measure import Figures, Meter
from deploy.bench.receiver import Arrivals, receiving
from deploy.demo import onboarding
from deploy.demo.booking import Gateway
from deploy.demo.people import World
from deploy.demo.running import program
from deploy.demo.steps import Progress
from deploy.stack import DATABASE, Stack, administrator, environment, new_keys, prepare
from tenants.api import TENANT_ID, invite_operator

PLACE = Path("var")
TENANTS = 4
UNLIMITED = {"CLOUD_LIMIT_CALLER": "100000/1000", "CLOUD_LIMIT_TENANT": "100000/5000"}
"""One doctor asks as fast as the platform answers; a process asks the database as often as with the usual bursts."""
UNDER_WAY = """
SELECT (SELECT count(*) FROM journal_pending) + (SELECT count(*) FROM person_journal_pending)
     + (SELECT count(*) FROM relays WHERE state = 'pending')
     + (SELECT count(*) FROM person_relays WHERE state = 'pending')
     + (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending'))
"""


def main() -> None:
    """Start, measure, write, stop."""
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="cloud-hospital-bench-") as place:
        Path(place).chmod(0o755)
        results = _measure(stack, Path(place))
    PLACE.mkdir(exist_ok=True)
    (PLACE / "bench.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


def _measure(stack: ExitStack, place: Path) -> dict[str, float | Figures]:
    admin = administrator(stack, place)
    (place / "logs").mkdir()
    sms, key = program(stack, place / "logs", "sms", "/sandbox/messages?to=none")
    registry, registry_key = program(stack, place / "logs", "registry", "/sandbox/asked")
    gateway, _ = program(stack, place / "logs", "gateway", "/sandbox/log")
    environ = environment(
        prepare(admin), new_keys(), CLOUD_SMS_URL=sms, CLOUD_SMS_KEY=key, CLOUD_REGISTRY_URL=registry,
        CLOUD_REGISTRY_KEY=registry_key, **UNLIMITED,
    )  # fmt: skip
    settings = Settings.from_environment(environ)
    platform = stack.enter_context(Stack(environ, place / "logs"))
    engine = fenced(settings.database_app, 5)
    stack.callback(engine.dispose)
    hints = stack.enter_context(closing(Hints([("127.0.0.1", platform.wake)])))
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind, hints))
    web, worker = platform.start_web(), platform.start_worker()
    server = _server(place)
    meter = Meter(lambda: [web.popen.pid, worker.popen.pid, server], lambda: [web.popen.pid])
    results = _hooks(stack, meter)
    arrivals = stack.enter_context(receiving())
    results |= _requests(World(platform.url, sms), Gateway(gateway), arrivals, meter, admin)
    web.stop()
    worker.stop()
    results["book_slot"] |= booking.floor(admin, DATABASE, server)
    return {"calibration_ms": meter.calibration_ms, **results}


def _hooks(stack: ExitStack, meter: Meter) -> dict[str, Figures]:
    arrivals = stack.enter_context(receiving())
    scopes = [hooks.tenant(secrets.randbelow(2**52) + 1, arrivals) for _ in range(TENANTS)]
    hooks.happen(scopes[0], 1)
    arrivals.wait(1)
    return {"deliver_hook": hooks.load(scopes, arrivals, meter)}


def _requests(world: World, gateway: Gateway, arrivals: Arrivals, meter: Meter, admin: str) -> dict[str, Figures]:
    """Requests of signed-in people."""

    def settled() -> None:
        _until_quiet(admin)

    operator = onboarding.operator(world, invite_operator("operator").token, Progress(show=False))
    hospital, doctor = booking.hospital(world, operator)
    people = booking.residents(world)
    slots = booking.shift(hospital)
    settled()
    booked = booking.book(people, slots, meter, settled)
    known = reading.visits(hospital, people[: reading.VISITS])
    settled()
    first = reading.read(doctor, known, meter, settled)
    again = reading.read(doctor, known * reading.REPEATS, meter, settled)
    drafts = signing.drafts(hospital, doctor, gateway, people, known)
    hooks.hear(PublicId.parse(hospital.id, TENANT_ID).scope, signing.SIGNED, arrivals)
    settled()
    signed = signing.sign(doctor, drafts, arrivals, meter, settled)
    return {"book_slot": booked, "read_visit_first": first, "read_visit": again, "sign_to_hook": signed}


def _until_quiet(admin: str) -> None:
    """Wait until nothing is pending, no relay is under way and no delivery is due."""
    with psycopg.connect(admin.rpartition("/")[0] + f"/{DATABASE}", autocommit=True) as connection:
        while connection.execute(UNDER_WAY).fetchone() != (0,):
            time.sleep(0.01)


def _server(place: Path) -> int:
    """The database server's process, whose children are its connections."""
    pid_file = next(place.glob("postgres/**/postmaster.pid"))
    return int(pid_file.read_text().splitlines()[0])


main()
