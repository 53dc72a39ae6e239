"""`python -m deploy.bench`: runs every benchmark on one PostgreSQL with fsync on; writes `var/bench.json`.

`--seal 1000000` seals so many entries; that takes minutes, and most of them pass before the measurement begins.
"""

import argparse
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
from deploy.bench import authenticating, booking, exporting, hooks, reading, sealing, signing
from deploy.bench.measure import Figures, Meter
from deploy.bench.receiver import Arrivals, receiving
from deploy.demo import operators
from deploy.demo.booking import Gateway
from deploy.demo.people import World
from deploy.demo.running import program
from deploy.demo.steps import Progress
from deploy.processes import Process
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
    asked = argparse.ArgumentParser(prog="python -m deploy.bench")
    asked.add_argument("--seal", type=int, default=sealing.DEFAULT, help="how many entries are sealed")
    entries = asked.parse_args().seal
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="cloud-hospital-bench-") as place:
        Path(place).chmod(0o755)
        results = _measure(stack, Path(place), entries)
    PLACE.mkdir(exist_ok=True)
    (PLACE / "bench.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2))


def _measure(stack: ExitStack, place: Path, entries: int) -> dict[str, float | Figures]:
    admin = administrator(stack, place)
    (place / "logs").mkdir()
    sms, key = program(stack, place / "logs", "sms", "/sandbox/messages?to=none")
    registry, registry_key = program(stack, place / "logs", "registry", "/sandbox/asked")
    gateway, _ = program(stack, place / "logs", "gateway", "/sandbox/log")
    environ = environment(
        prepare(admin), new_keys(), CLOUD_SMS_URL=sms, CLOUD_SMS_KEY=key, CLOUD_REGISTRY_URL=registry,
        CLOUD_REGISTRY_KEY=registry_key, CLOUD_SLICES="deploy.bench.doors", **UNLIMITED,
    )  # fmt: skip
    settings = Settings.from_environment(environ)
    platform = stack.enter_context(Stack(environ, place / "logs"))
    engine = fenced(settings.database_app, 5)
    stack.callback(engine.dispose)
    hints = stack.enter_context(closing(Hints([("127.0.0.1", platform.wake)])))
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind, hints))
    sealing.wait_for_a_worker(entries)
    web, server, workers = platform.start_web(), _server(place), list[Process]()
    meter = Meter(lambda: [web.popen.pid, *(worker.popen.pid for worker in workers), server], lambda: [web.popen.pid])
    with _looking(admin) as connection:
        sealed = sealing.sealed(connection, meter, lambda: workers.append(platform.start_worker()))
    results = {"seal": sealed} | _hooks(stack, meter)
    arrivals = stack.enter_context(receiving())
    results |= _requests(World(platform.url, sms), Gateway(gateway), arrivals, meter, admin)
    for process in (web, *workers):
        process.stop()
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

    hospital, doctor = booking.hospital(world, _operators(world))
    scope = PublicId.parse(hospital.id, TENANT_ID).scope
    bearer = authenticating.token(world.platform, scope)
    settled()
    authenticated = authenticating.compare(world.platform, bearer, meter)
    people, signed_in = booking.residents(world, meter, settled)
    slots = booking.shift(hospital)
    settled()
    booked = booking.book(people, slots, meter, settled)
    known = reading.visits(hospital, people[: reading.VISITS])
    settled()
    first = reading.read(doctor, known, meter, settled)
    again = reading.read(doctor, known * reading.REPEATS, meter, settled)
    drafts = signing.drafts(hospital, doctor, gateway, people, known)
    hooks.hear(scope, signing.SIGNED, arrivals)
    settled()
    signed = signing.sign(doctor, drafts, arrivals, meter, settled)
    old = people[-exporting.PEOPLE :]
    exporting.live_long(old)
    settled()
    exported = exporting.export(old, meter, settled)
    return {
        "authenticate": authenticated, "sign_in": signed_in, "book_slot": booked, "read_visit_first": first,
        "read_visit": again, "sign_to_hook": signed, "export": exported,
    }  # fmt: skip


def _operators(world: World) -> operators.Operators:
    """Those who run the platform, as a fresh command makes them."""
    invitations = (invite_operator("operator").token, invite_operator("second").token)
    return operators.joined(world, invitations, Progress(show=False))


def _until_quiet(admin: str) -> None:
    """Wait until nothing is pending, no relay is under way and no delivery is due."""
    with _looking(admin) as connection:
        while connection.execute(UNDER_WAY).fetchone() != (0,):
            time.sleep(0.01)


def _looking(admin: str) -> psycopg.Connection:
    """The administrator's connection, each of whose looks is a transaction of its own."""
    return psycopg.connect(admin.rpartition("/")[0] + f"/{DATABASE}", autocommit=True)


def _server(place: Path) -> int:
    """The database server's process, whose children are its connections."""
    pid_file = next(place.glob("postgres/**/postmaster.pid"))
    return int(pid_file.read_text().splitlines()[0])


main()
