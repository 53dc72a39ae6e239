"""The gateway's parts, put together once per process."""

from __future__ import annotations

from deploy.sandbox.gateway.clockwork import Clockwork
from deploy.sandbox.gateway.events import Announcer
from deploy.sandbox.gateway.faults import FaultBoard
from deploy.sandbox.gateway.idempotency import Calls
from deploy.sandbox.gateway.log import Log
from deploy.sandbox.gateway.progress import Progress
from deploy.sandbox.gateway.refunds import Refunds
from deploy.sandbox.gateway.state import State
from deploy.sandbox.gateway.webhooks import Sender


class Parts:
    """Everything that the HTTP side needs."""

    def __init__(self) -> None:
        clockwork = Clockwork()
        self.state, self.faults, self.log = State(), FaultBoard(), Log()
        self.sender = Sender(clockwork, self.faults, self.log)
        announcer = Announcer(self.sender)
        self.calls = Calls(self.state)
        self.progress = Progress(self.state, announcer, self.faults, clockwork)
        self.refunds = Refunds(self.state, announcer, self.faults, clockwork)
