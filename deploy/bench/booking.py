"""Booking a place over HTTP, against pgbench writing the same rows in the same transaction."""

import re
import secrets
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from deploy import postgres_binaries
from deploy.bench.cpu import of_trees
from deploy.bench.measure import Figures, Meter, play, shown
from deploy.demo import onboarding
from deploy.demo.operators import Operators
from deploy.demo.people import Person, World
from deploy.demo.steps import Progress

BOOKERS = 300
THREADS = 8
SLOTS = 20
FLOOR_SECONDS = 10
ZONE = ZoneInfo("Asia/Shanghai")
FLOOR = Path(__file__).with_name("floor.sql")


def hospital(world: World, platform: Operators) -> tuple[onboarding.Tenant, Person]:
    """A hospital and its doctor."""
    tenant = onboarding.join(world, platform, "hospital", f"医院{secrets.token_hex(4)}")
    return tenant, onboarding.staff_joins(world, tenant, Progress(show=False))


def shift(tenant: onboarding.Tenant) -> list[dict[str, Any]]:
    """The slots of a shift of many places."""
    day = datetime.now(ZONE).date() + timedelta(days=3)
    first = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE).astimezone(UTC)
    times = [first + timedelta(minutes=5 * number) for number in range(SLOTS)]
    slots = [
        {"starts_at": at.isoformat(), "ends_at": (at + timedelta(minutes=5)).isoformat(), "capacity": 200}
        for at in times
    ]
    body = {
        "doctor": onboarding.doctor_of(tenant)["id"], "date": day.isoformat(), "half_day": "morning", "site": "门诊楼",
        "class": "ordinary", "subject": "03", "fee_lines": [{"code": "1", "name": "诊查费", "amount": 2500}],
        "slots": slots,
    }  # fmt: skip
    opened = tenant.administrator.do("POST", "/shifts", body)
    return list(opened["slots"])


def residents(world: World, meter: Meter, settled: Callable[[], None]) -> tuple[list[Person], Figures]:
    """Residents who sign in for the first time, by a code that each reads off their phone; what that costs."""
    people = [Person(world, f"resident {number}") for number in range(BOOKERS)]
    figures = Figures()
    with meter.counting(figures, len(people), settled):
        taken = play(lambda number: people[number].sign_in(), len(people), THREADS)
    return people, shown(figures, taken)


def book(people: list[Person], slots: list[dict[str, Any]], meter: Meter, settled: Callable[[], None]) -> Figures:
    """Each resident books one place; what a booking costs until everything that it caused is done."""
    figures, taken = Figures(), list[float]()

    def act(number: int) -> None:
        people[number].do("POST", "/appointments", {"slot": slots[number % len(slots)]["id"]})

    with meter.counting(figures, len(people), settled):
        taken = play(act, len(people), THREADS)
    return shown(figures, taken)


def floor(administrator: str, database: str, server: int) -> Figures:
    """The same rows in the same transaction, written by pgbench on the same server."""
    parts = urlsplit(administrator)
    program = [str(postgres_binaries.find() / "pgbench"), "-n", "-M", "prepared", "-c", str(THREADS)]
    command = [*program, "-T", str(FLOOR_SECONDS), "-f", str(FLOOR), database]
    environ = {
        "PGHOST": str(parts.hostname), "PGPORT": str(parts.port), "PGUSER": str(parts.username),
        "PGPASSWORD": str(parts.password),
    }  # fmt: skip
    before = of_trees([server])
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    spent = of_trees([server]) - before
    count = _number(r"transactions actually processed: (\d+)", done.stdout)
    rate = _number(r"tps = ([\d.]+)", done.stdout)
    return {"floor_cpu_ms": round(spent / count, 3), "floor_rps": round(rate, 1)}


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError("pgbench said nothing of the kind")
    return float(found[1])
