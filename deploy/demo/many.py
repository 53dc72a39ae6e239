"""Many journeys at once, played from processes of their own, so that the players do not slow each other down."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from statistics import quantiles

from deploy.demo.onboarding import join
from deploy.demo.people import Person, World
from deploy.demo.steps import Progress, expect

PLAYERS = 4
"""Processes; each has many journeys in flight."""
KINDS = ("clinic", "pharmacy", "insurer", "hospital")


def join_at_once(world: World, operator: Person, count: int, progress: Progress) -> None:
    """Have `count` organizations join at the same time; prints throughput and latency."""
    began = time.perf_counter()
    with progress.step(f"{count} journeys", "each applied, was approved, opened, and acts"):
        shares = [range(start, count, PLAYERS) for start in range(min(PLAYERS, count))]
        with ProcessPoolExecutor(PLAYERS, mp_context=get_context("spawn")) as players:
            futures = [players.submit(_play, world, operator.token, list(share)) for share in shares]
            taken = [ms for future in futures for ms in future.result()]
        expect(len(taken) == count, "a journey was lost")
    seconds = time.perf_counter() - began
    p50, p95 = (quantiles(taken, n=100)[at] for at in (49, 94)) if count > 1 else (taken[0], taken[0])
    print(f"     {count / seconds:.1f} journeys/s, median {p50:.0f} ms, 95th percentile {p95:.0f} ms", flush=True)


def _play(world: World, token: str, share: Sequence[int]) -> list[float]:
    with ThreadPoolExecutor(len(share)) as journeys:
        return list(journeys.map(lambda number: _journey(world, token, number), share))


def _journey(world: World, token: str, number: int) -> float:
    began = time.perf_counter()
    kind = KINDS[number % len(KINDS)]
    tenant = join(world, Person(world, "operator", token=token), kind, f"机构{number}号")
    expect(tenant.administrator.do("GET", "/tenants/current")["kind"] == kind, "a tenant of another kind was opened")
    return (time.perf_counter() - began) * 1000
