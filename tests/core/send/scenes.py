"""What tests of sending look at."""

import threading
from dataclasses import dataclass, field
from typing import Any

from app.core.scope import Scope
from tests.core.journal.scenes import own, rows, send_notes
from tests.platform import Platform, new_tenant
from tests.receiver import Heard, Receiver, hear


def announce(scope: Scope, count: int = 1) -> None:
    """Let `count` public events happen in `scope`."""
    send_notes(scope, new_tenant(), [f"note {number}" for number in range(count)])


def deliveries(platform: Platform, scope: Scope, columns: str = "state, tries") -> list[Any]:
    """The deliveries of `scope`, oldest entry first."""
    return own(platform, scope, columns, "deliveries", order="entry_id")


def attempts(platform: Platform, scope: Scope) -> list[Any]:
    """number, outcome, status and whether it is finished, of every attempt in `scope`, oldest first."""
    columns = "number, outcome, status, finished_at IS NOT NULL"
    return own(platform, scope, columns, "delivery_attempts", order="started_at, id")


def hurry(platform: Platform, scope: Scope) -> None:
    """Let the time pass that deliveries of `scope` wait, or are leased."""
    rows(
        platform, "UPDATE deliveries SET due_at = now() WHERE tenant_id = %s AND due_at IS NOT NULL", scope.tenant
    )  # fmt: skip


def heard_by(receiver: Receiver) -> list[str]:
    """The distinct ids that a receiver has heard, in order."""
    return list(dict.fromkeys(heard.id for heard in receiver.heard))


def listening(*receivers: Receiver) -> Scope:
    """A fresh tenant whose notes the receivers want to hear."""
    scope = new_tenant()
    for receiver in receivers:
        hear(scope, receiver.url, ["note.sent"])
    return scope


@dataclass
class Held:
    """A behavior that holds every request until `release`, then answers `status`."""

    status: int = 204
    free: threading.Event = field(default_factory=threading.Event)

    def __call__(self, heard: Heard, before: int) -> int:
        """Wait, then answer."""
        self.free.wait(30)
        return self.status

    def release(self) -> None:
        """Answer those that wait, and all that follow."""
        self.free.set()
