"""One measurement: requests from several threads, the CPU of everything that they caused, and their latencies."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles

from deploy.bench.cpu import calibrate, of_trees

Figures = dict[str, float]


@dataclass
class Meter:
    """Reads the CPU of the processes under test, and samples the calibration job beside them."""

    roots: Callable[[], Sequence[int]]
    web: Callable[[], Sequence[int]]
    calibrations: list[float] = field(default_factory=list)

    @contextmanager
    def counting(self, figures: Figures, count: int, settled: Callable[[], None]) -> Iterator[None]:
        """Count what is inside: requests first, then until `settled` returns, when everything caused is done."""
        self.calibrations.append(calibrate())
        all_before, web_before = of_trees(self.roots()), of_trees(self.web())
        began = time.perf_counter()
        yield
        figures["rps"] = round(count / (time.perf_counter() - began), 1)
        settled()
        figures["per_second"] = round(count / (time.perf_counter() - began), 1)
        figures["request_cpu_ms"] = round((of_trees(self.web()) - web_before) / count, 3)
        figures["cpu_ms"] = round((of_trees(self.roots()) - all_before) / count, 3)
        self.calibrations.append(calibrate())

    @property
    def calibration_ms(self) -> float:
        """The median of the calibration samples of this run."""
        return round(median(self.calibrations), 1)


def play(act: Callable[[int], None], count: int, threads: int) -> list[float]:
    """Call `act` with 0 .. count - 1 from `threads` threads; returns each call's milliseconds."""

    def timed(number: int) -> float:
        began = time.perf_counter()
        act(number)
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(threads) as executor:
        return list(executor.map(timed, range(count)))


def latencies(taken: Sequence[float]) -> Figures:
    """Median, 95th and 99th percentile in milliseconds."""
    parts = quantiles(taken, n=100)
    return {"p50_ms": round(parts[49], 1), "p95_ms": round(parts[94], 1), "p99_ms": round(parts[98], 1)}


def shown(figures: Figures, taken: Sequence[float]) -> Figures:
    """What is written of requests: CPU of one, of everything and of the web process; requests a second; latencies."""
    return {key: figures[key] for key in ("cpu_ms", "request_cpu_ms", "rps")} | latencies(taken)
