"""Many residents at once, played from processes of their own, so that the players do not slow each other down.

Doctors, pharmacists, pharmacies and insurers work on their queues meanwhile; nobody is told who comes when.
"""

import os
import secrets
import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import quantiles

from deploy.demo import journey
from deploy.demo.booking import MOST, identity_number
from deploy.demo.city import Payer, insured
from deploy.demo.journey import Cover, Ways
from deploy.demo.people import PHONES, Person, World
from deploy.demo.steps import Progress, Step, expect
from deploy.tied import end_with

PLAYERS = 4
"""Processes; each has many residents in flight."""
NAME = "欧阳𠮷"


@dataclass(frozen=True)
class Crowd:
    """Where the residents of a crowd come to."""

    world: World
    ways: Ways
    payers: tuple[Payer, ...]


def registered(world: World, payer: Payer, ways: Ways, progress: Progress) -> tuple[Person, Cover]:
    """A resident with their phone: signed in, verified, covered by `payer`."""
    resident, number = Person(world, "resident"), identity_number(secrets.randbelow(MOST))
    with progress.step(f"resident, {payer.kind.replace('_', ' ')}", "registered, verified, card and coverage bound"):
        resident.sign_in()
        resident.do("POST", "/me/resident/verification", {"name": NAME, "number": number})
        resident.do("POST", "/me/cards", {"kind": "health_card", "number": f"HC{secrets.randbelow(10**12):012d}"})
        coverage, member = insured(resident, payer, NAME, number, ways.scheme)
    return resident, Cover(coverage, member, payer.kind)


def journeyed(world: World, payer: Payer, ways: Ways, progress: Progress) -> list[journey.Json]:
    """One resident's whole way, from the phone to the settled claims, which are returned."""
    resident, cover = registered(world, payer, ways, progress)
    visit = journey.seen(resident, ways, progress)
    prescription = journey.prescribed(resident, ways, progress)
    quotes = journey.quoted(resident, prescription, ways, progress)
    order = journey.routed(resident, prescription, [_at(quotes, ways)], ways, progress)
    paid = journey.settled(resident, order, cover, ways, progress)
    journey.handed_over(resident, order, ways, progress)
    return [
        journey.visit_claimed(resident, visit, cover, ways, progress),
        journey.supply_claimed(resident, order, paid, cover, ways, progress),
    ]


def residents_at_once(crowd: Crowd, count: int, desks: AbstractContextManager[object], progress: Progress) -> None:
    """Have `count` residents on their way at the same time; prints throughput, and latency step by step.

    Staff comes to the `desks` when the residents have set out: the players are forked before any thread runs.
    """
    began = time.perf_counter()
    with progress.step(f"{count} residents at once", "each seen, prescribed, supplied, settled and claimed for"):
        shares = [range(start, count, PLAYERS) for start in range(min(PLAYERS, count))]
        with ProcessPoolExecutor(len(shares), get_context("fork"), _begin, (os.getpid(),)) as players:
            futures = [players.submit(_play, crowd, list(share)) for share in shares]
            with desks:
                wait(futures)  # also where one breaks: the others' residents wait for staff
            played = [steps for future in futures for steps in future.result()]
        expect(len(played) == count, "a journey was lost")
    seconds = time.perf_counter() - began
    print(f"     {count / seconds:.2f} journeys/s", flush=True)
    _table(played)


def _begin(owner: int) -> None:
    """In each player: it gives phone numbers of its own, and ends with its `owner`, whatever it is at."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an exception would end what is played, and the player would go on
    end_with(owner)
    PHONES.begin()


def _at(quotes: Sequence[journey.Json], ways: Ways) -> journey.Json:
    return next(one for one in quotes if one["pharmacy"] == ways.supplier)


def _play(crowd: Crowd, share: Sequence[int]) -> list[list[Step]]:
    with ThreadPoolExecutor(len(share)) as journeys:
        return list(journeys.map(lambda number: _one(crowd, number), share))


def _one(crowd: Crowd, number: int) -> list[Step]:
    quiet = Progress(show=False)
    journeyed(crowd.world, crowd.payers[number % len(crowd.payers)], crowd.ways, quiet)
    return quiet.steps


def _table(played: Sequence[Sequence[Step]]) -> None:
    taken = defaultdict(list)
    for step in (step for steps in played for step in steps):
        taken[step.name].append(step.ms)
    for name, ms in taken.items():
        p50, p95 = (quantiles(ms, n=100)[at] for at in (49, 94)) if len(ms) > 1 else (ms[0], ms[0])
        print(f"     {name:<36} median {p50:>8.0f} ms   95th percentile {p95:>8.0f} ms", flush=True)
