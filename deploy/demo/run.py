"""The demonstration from start to stop: everything is started, played, and stopped again."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import requests

from deploy.demo import (
    accounts,
    booking,
    counting,
    family,
    hazards,
    insuring,
    licensing,
    many,
    onboarding,
    opening,
    operators,
    passkeys,
    refusals,
    secrecy,
    sharing,
    visiting,
    walls,
)
from deploy.demo.city import City
from deploy.demo.desks import open_desks
from deploy.demo.journey import Ways
from deploy.demo.listening import Listener
from deploy.demo.operators import Operators
from deploy.demo.people import Person, World
from deploy.demo.running import Limits, Running, started
from deploy.demo.steps import Broken, Progress, expect, fail
from deploy.processes import NotReady

JOINED_LATER = 3
"""A dispensary, a second pharmacy and the public scheme."""
Late = Callable[[float], None]
"""What is left to be played, within so many seconds."""
CROWD_PATIENCE = 600
"""Seconds that somebody in a crowd waits for a step."""


@dataclass(frozen=True)
class Played:
    """What a demonstration came to."""

    progress: Progress
    tenants: int
    journeys: int


def demo(place: Path, journeys: int) -> int:
    """Play the demonstration, with `journeys` residents, all but the first at once; returns the exit status.

    What it prints ends with one line of JSON: `ok`, `steps` (each with `name` and `ms`), `journeys` and `tenants`.
    """

    def whole(stack: ExitStack, progress: Progress) -> Played:
        progress.title("Starting the platform and the world outside")
        running = started(stack, place, progress, Limits.of_a_demonstration(journeys))
        return _play(stack, running, progress, journeys)

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


@dataclass(frozen=True)
class Stage:
    """Who joined first, and where they play."""

    world: World
    gateway: booking.Gateway
    operators: Operators
    tenants: dict[str, onboarding.Tenant]
    listener: Listener
    doctor: Person

    @property
    def hospital(self) -> onboarding.Tenant:
        """The large hospital."""
        return self.tenants["hospital"]


def _play(stack: ExitStack, running: Running, progress: Progress, journeys: int) -> Played:
    stage = _onboarding(stack, running, progress)
    resident = _booking(stage, progress)
    visit, waiting = _visits(stage, resident, progress)
    team = family.opened(stage.tenants["family_doctor_team"], stage.gateway, progress)
    family.visited(resident, team, stage.gateway, progress)
    progress.title("Records that others keep")
    sharing.played(resident, team, visit, progress)
    progress.title("Prescribers, pharmacies and payers")
    city = opening.build(stack, running.logs, stage.tenants, stage.operators, stage.gateway, progress)
    late = _care(stage, city, hazards.Scene(resident, stage.doctor, visit, ways_in(city)), team, progress)
    _refusals(stage, progress)
    _crowd(stage.world, city, journeys, progress)
    progress.title("Endings")
    visiting.not_taken(resident, waiting, 2.0 * (running.limits.take or 0), progress)
    late(2.0 * (running.limits.day or 0))
    _endings(stage, resident, progress)
    progress.title("Afterwards")
    walls.stand(running.wall, stage.hospital, stage.tenants["clinic"], progress)
    walls.journalled(running.wall, stage.tenants["insurer"], list(city.insurer.settled()), progress)
    running.verify(progress)
    return Played(progress, len(stage.tenants) + JOINED_LATER, journeys)


def _onboarding(stack: ExitStack, running: Running, progress: Progress) -> Stage:
    world, gateway = World(running.platform, running.sms), booking.Gateway(running.gateway)
    progress.title("Onboarding")
    platform = operators.joined(world, running.invite_operators(), progress)
    tenants = onboarding.all_five(world, platform, progress)
    onboarding.refused_papers(world, platform, progress)
    listener = onboarding.systems_join(tenants["hospital"], running.logs, progress)
    stack.callback(listener.process.stop)
    doctor = onboarding.staff_joins(world, tenants["hospital"], progress)
    listener.wait_for("staff.joined")
    return Stage(world, gateway, platform, tenants, listener, doctor)


def _refusals(stage: Stage, progress: Progress) -> None:
    progress.title("Refusals and faults")
    refusals.wrong_codes(stage.world, progress)
    accounts.password(stage.world, progress)
    refusals.strangers(stage.hospital, stage.tenants["pharmacy"], progress)
    refusals.receiver_down(stage.hospital, stage.listener, progress)
    refusals.twice(stage.hospital, progress)


def _endings(stage: Stage, resident: Person, progress: Progress) -> None:
    """What ends stops at once: registrations, affiliations, tenants, licenses."""
    pharmacy = stage.tenants["pharmacy"]
    licensing.registration(stage.hospital, resident, progress)
    refusals.leaving(stage.hospital, stage.doctor, stage.listener, progress)
    operators.together(stage.operators, f"/tenants/{pharmacy.id}/suspension", progress)
    refusals.suspension(stage.operators, pharmacy, progress)
    licensing.renewal(stage.operators, pharmacy, progress)
    licensing.revocation(stage.operators, pharmacy, progress)


def _booking(stage: Stage, progress: Progress) -> Person:
    """Play the bookings; returns a verified resident."""
    progress.title("Booking and payment")
    hospital, gateway = stage.hospital, stage.gateway
    booking.cashier(hospital, gateway, progress)
    resident = booking.verified_resident(stage.world, progress)
    passkeys.shown(resident, progress)
    slots = booking.shift(hospital, onboarding.doctor_of(hospital), progress)
    held = booking.booked(resident, slots[0], gateway, progress)
    booking.last_place(stage.world, slots[1], gateway, progress)
    booking.stopped(hospital, resident, held, progress)
    return resident


def _visits(stage: Stage, resident: Person, progress: Progress) -> tuple[str, dict[str, Any]]:
    """Play the visits; returns the one that was completed, and one that waits in vain."""
    progress.title("Visits")
    staff_id = str(onboarding.doctor_of(stage.hospital)["id"])
    visiting.fee(stage.hospital, staff_id, progress)
    expect(visiting.found(resident, stage.hospital, progress) == staff_id, "another doctor was found")
    completed = visiting.completed(resident, stage.doctor, staff_id, stage.gateway, progress)
    visiting.stopped(resident, stage.doctor, staff_id, stage.gateway, progress)
    return completed, visiting.unanswered(resident, staff_id, stage.gateway)


def ways_in(city: City) -> Ways:
    """What a resident knows of the city."""
    first = city.pharmacy
    asked = (city.second.id, city.dispensary.id, first.tenant.id)
    return Ways(city.gateway, city.doctor_id, asked, first.tenant.id, first.pharmacist, city.scheme.office)


def _care(stage: Stage, city: City, scene: hazards.Scene, team: family.Team, progress: Progress) -> Late:
    """Prescriptions, medicines and claims; returns what is left to be played after the last day of one of them."""
    visiting.fee(city.hospital, city.doctor_id, Progress(show=False))
    scene.doctor.do("POST", "/signing-keys")
    with open_desks(city):
        progress.title("A resident in the public scheme")
        insuring.scheme_agrees(city, many.journeyed(stage.world, city.public, scene.ways, progress), progress)
        progress.title("A resident with a commercial insurer, whose system is down for a while")
        insured, traces = insuring.with_the_insurer_down(stage.world, city, scene.ways, progress)
        secrecy.strangers(insured, traces, city, team, progress)
        progress.title("Prescriptions: what must not happen")
        hazards.rules(scene, progress)
        order, paid = hazards.expiring(scene)
        hazards.counter(scene, progress)
        hazards.declined(scene, city, progress)
        hazards.withdrawal(scene, progress)
        counting.counted(city.hospital, city.reviewer, progress)
    return lambda seconds: hazards.expired(scene, order, paid, seconds, progress)


def _crowd(world: World, city: City, journeys: int, progress: Progress) -> None:
    """The further journeys, all under way at once."""
    if journeys > 1:
        progress.title(f"{journeys - 1} residents at once")
        ways = replace(ways_in(city), patience=CROWD_PATIENCE)
        crowd = many.Crowd(world, ways, (city.public, city.commercial))
        many.residents_at_once(crowd, journeys - 1, open_desks(city), progress)


def _summary(played: Played, seconds: float) -> None:
    print(f"\n{'chapter':<80} {'steps':>5} {'seconds':>8}")
    for text, count, ms in played.progress.summary():
        print(f"{text:<80} {count:>5} {ms / 1000:>8.1f}")
    print(f"\n{len(played.progress.steps)} steps in {seconds:.1f} s, {played.tenants} tenants", flush=True)
    steps = [asdict(step) for step in played.progress.steps]
    print(json.dumps({"ok": True, "steps": steps, "journeys": played.journeys, "tenants": played.tenants}))
    sys.stdout.flush()
