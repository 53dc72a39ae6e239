"""Repeating a call, always with the same key, and what may be concluded when that does not help."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.payments.gateway.errors import GatewayError, OutcomeUnknown
from app.payments.gateway.transport import Request, Timeouts, Transport
from app.payments.gateway.verdicts import Again, Done, Final, Verdict, judge


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``attempts`` in all; waits in seconds grow from ``first_wait``, doubling, to ``longest_wait``."""

    attempts: int = 3
    first_wait: float = 0.25
    longest_wait: float = 4.0

    def wait(self, attempt: int, jitter: float) -> float:
        """Seconds after try number ``attempt`` (from 1); ``jitter`` from 0 to 1 takes up to half away."""
        full = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        return full * (1.0 - jitter / 2.0)


USUAL_RETRIES = RetryPolicy()


class Caller:
    """Makes calls. ``sleep`` takes seconds; ``jitter`` gives numbers from 0 to 1."""

    def __init__(
        self,
        transport: Transport,
        timeouts: Timeouts,
        policy: RetryPolicy,
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        self._transport, self._timeouts, self._policy = transport, timeouts, policy
        self._sleep, self._jitter = sleep, jitter

    def call(self, request: Request) -> Mapping[str, Any]:
        """The JSON object that came back. Raises a ``GatewayError``."""
        deadline = time.monotonic() + self._timeouts.total
        doubt, attempt = False, 1
        while True:
            verdict = self._try(request, deadline - time.monotonic())
            if isinstance(verdict, Done):
                return verdict.body
            doubt |= isinstance(verdict, Again) and verdict.doubt
            if not self._wait(verdict, attempt, deadline):
                raise _conclusion(request, verdict, doubt)
            attempt += 1

    def _try(self, request: Request, seconds: float) -> Verdict:
        return judge(self._transport.exchange(request, replace(self._timeouts, total=max(seconds, 0.001))))

    def _wait(self, verdict: Final | Again, attempt: int, deadline: float) -> bool:
        """Wait before the next try; False where there should be none, or the time does not allow one."""
        if isinstance(verdict, Final) or verdict.useless or attempt >= self._policy.attempts:
            return False
        seconds = max(verdict.wait, self._policy.wait(attempt, self._jitter()))
        if time.monotonic() + seconds >= deadline:
            return False
        self._sleep(seconds)
        return True


def _conclusion(request: Request, verdict: Final | Again, doubt: bool) -> GatewayError:
    """An effect that some try may have had stays in doubt, unless the last answer settles it."""
    if request.key is None or not doubt or (isinstance(verdict, Final) and verdict.proves):
        return verdict.error
    return OutcomeUnknown(f"the effect is not certain: {verdict.error}")
