"""Who has asked too often is told to wait (429, RFC 6585 section 4) before anything is done for them.

A process takes a share of a limit from the database (`app.core.traffic`) and serves it from memory, so that most
requests cost no statement. What was taken is counted already: all processes together never give more than the limit,
but for what they still hold of the last minute, a fiftieth of the burst each. Whoever was refused is refused from
memory until the moment that they were told, and costs the database nothing.

Where the database cannot be asked the request fails (503): its own work would need the same database right after.
"""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from flask import current_app

from app.core.access import Principal
from app.core.errors import TooManyRequests
from app.core.traffic import Limit, Limits, ask
from app.core.unit import database
from app.edge.client import client_address

EXTENSION = "cloud_hospital_limits"
"""Where the application keeps its limits and what it holds of them."""
HELD_FOR = timedelta(minutes=1).total_seconds()
MOST_HELD = 50_000
"""Names that a process remembers, a few megabytes; with more it forgets all of them, and asks the database again."""
SITE_BITS = 64
"""Of an IPv6 address so many bits count: the rest is anybody's to choose."""


@dataclass
class Held:
    """What this process may still serve of a name without asking; with nothing left, the name is refused."""

    left: int
    until: float
    """Unix seconds."""


@dataclass
class Stock:
    """What this process holds of all names."""

    limits: Limits
    _held: dict[str, Held] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def spend(self, name: str, limit: Limit) -> None:
        """Count one request of `name`; raises TooManyRequests with the seconds after which one more may pass."""
        now = database().clock.now().timestamp()
        with self._lock:
            held = self._live(name, now)
            if held and self._served(name, held, now):
                return
        grant = ask(name, limit)
        with self._lock:
            held = self._live(name, now)
            many = grant.many + (held.left if held else 0)
            held = Held(many, now + (HELD_FOR if many else grant.wait))
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            self._held[name] = held
            self._served(name, held, now)

    def _live(self, name: str, now: float) -> Held | None:
        held = self._held.get(name)
        # nothing is held for longer: what says so was noted by a clock that ran ahead
        return held if held and now < held.until <= now + HELD_FOR else None

    def _served(self, name: str, held: Held, now: float) -> bool:
        """Take one of `held`; raises TooManyRequests where it says that nothing is left."""
        if not held.left:
            raise TooManyRequests("ask less often", retry_after=max(1, math.ceil(held.until - now)))
        held.left -= 1
        if not held.left:
            del self._held[name]
        return True


def spend_stranger() -> None:
    """Count a request of somebody unknown by their address; raises TooManyRequests.

    One of this machine itself, or whose address cannot be known, is not counted: it would stand for everybody.
    """
    address = client_address()
    if address is not None:
        stock = _stock()
        stock.spend(f"address {site(address)}", stock.limits.address)


def spend_caller(principal: Principal) -> None:
    """Count a request of a known caller, and of the tenant that they act in; raises TooManyRequests."""
    stock = _stock()
    stock.spend(principal.actor, stock.limits.caller)
    if principal.scope.tenant is not None:
        stock.spend(str(principal.scope), stock.limits.tenant)


def site(address: str) -> str:
    """What of `address` counts; raises ValueError for a text that is no address."""
    known = ip_address(address)
    return str(ip_network((known, SITE_BITS), strict=False)) if isinstance(known, IPv6Address) else str(known)


def _stock() -> Stock:
    found: Stock = current_app.extensions[EXTENSION]
    return found
