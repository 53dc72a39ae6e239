"""The demonstration from start to stop: everything is started, played, and stopped again."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from deploy.demo import booking, licensing, many, onboarding, refusals, visiting
from deploy.demo.people import Person, World
from deploy.demo.running import Running, started
from deploy.demo.steps import Broken, Progress, fail
from deploy.processes import NotReady


@dataclass(frozen=True)
class Played:
    """What a demonstration came to."""

    progress: Progress
    tenants: int
    journeys: int


def demo(place: Path, journeys: int) -> int:
    """Play the demonstration, with `journeys` organizations joining at once; returns the exit status.

    What it prints ends with one line of JSON: `ok`, `steps` (each with `name` and `ms`), `journeys` and `tenants`.
    """

    def whole(stack: ExitStack, progress: Progress) -> Played:
        progress.title("Starting the platform and the world outside")
        return _play(stack, started(stack, place, progress), progress, journeys)

    return conclude(whole)


def conclude(play: Callable[[ExitStack, Progress], Played]) -> int:
    """Play to the end, stop everything that was put on the stack, and say how it went; returns the exit status.

    An expectation that fails is told on stderr, with status 1 and no last line of JSON.
    """
    progress = Progress()
    began = time.perf_counter()
    try:
        with ExitStack() as stack:
            played = play(stack, progress)
    except (Broken, NotReady, requests.RequestException) as broken:
        fail(broken)
        return 1
    _summary(played, time.perf_counter() - began)
    return 0


def _play(stack: ExitStack, running: Running, progress: Progress, journeys: int) -> Played:
    world = World(running.platform, running.sms)
    progress.title("Onboarding")
    operator = onboarding.operator(world, running.invite_operator(), progress)
    tenants = onboarding.all_five(world, operator, progress)
    onboarding.refused_papers(world, operator, progress)
    hospital, pharmacy = tenants["hospital"], tenants["pharmacy"]
    listener = onboarding.systems_join(hospital, running.logs, progress)
    stack.callback(listener.process.stop)
    doctor = onboarding.staff_joins(world, hospital, progress)
    listener.wait_for("staff.joined")
    resident = _book(running, world, hospital, progress)
    _visit(running, hospital, resident, doctor, progress)
    progress.title("Refusals and faults")
    refusals.wrong_codes(world, progress)
    refusals.strangers(hospital, pharmacy, progress)
    refusals.receiver_down(hospital, listener, progress)
    refusals.twice(hospital, progress)
    refusals.leaving(hospital, doctor, listener, progress)
    refusals.suspension(operator, pharmacy, progress)
    progress.title("Licenses")
    licensing.renewal(operator, pharmacy, progress)
    licensing.revocation(operator, pharmacy, progress)
    crowd = _crowd(world, operator, journeys, progress)
    progress.title("Afterwards")
    running.verify(progress)
    return Played(progress, len(tenants) + crowd, 1 + crowd)


def _book(running: Running, world: World, hospital: onboarding.Tenant, progress: Progress) -> Person:
    progress.title("Booking and payment")
    gateway = booking.Gateway(running.gateway)
    booking.cashier(hospital, gateway, progress)
    resident = booking.verified_resident(world, progress)
    slots = booking.shift(hospital, onboarding.doctor_of(hospital), progress)
    held = booking.booked(resident, slots[0], gateway, progress)
    booking.last_place(world, slots[1], progress)
    booking.stopped(hospital, resident, held, progress)
    return resident


def _visit(running: Running, hospital: onboarding.Tenant, resident: Person, doctor: Person, progress: Progress) -> None:
    progress.title("Visits")
    gateway, staff_id = booking.Gateway(running.gateway), str(onboarding.doctor_of(hospital)["id"])
    visiting.fee(hospital, staff_id, progress)
    visiting.completed(resident, doctor, staff_id, gateway, progress)
    visiting.stopped(resident, doctor, staff_id, gateway, progress)


def _crowd(world: World, operator: Person, journeys: int, progress: Progress) -> int:
    """The further journeys, all under way at once; returns how many there were."""
    if journeys > 1:
        progress.title(f"{journeys - 1} organizations join at once")
        many.join_at_once(world, operator, journeys - 1, progress)
    return journeys - 1


def _summary(played: Played, seconds: float) -> None:
    print(f"\n{len(played.progress.steps)} steps in {seconds:.1f} s, {played.tenants} tenants", flush=True)
    steps = [asdict(step) for step in played.progress.steps]
    print(json.dumps({"ok": True, "steps": steps, "journeys": played.journeys, "tenants": played.tenants}))
    sys.stdout.flush()
