"""What a client may reach and how much of it."""

from dataclasses import dataclass
from typing import Self

_HTTPS_PORTS = frozenset({443, 8443})


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of a client; the defaults are those of production.

    `allow_private` opens private and loopback addresses, never link-local ones or metadata services: for services of
    the operator's own, whose address nobody but the operator writes. `only_loopback` opens loopback addresses and
    nothing else. `ports` None means any. `connect_timeout` (seconds) bounds TCP and TLS for each address tried,
    `total_timeout` (seconds) all from the look-up to the last byte, `max_body` (bytes) what is kept of an answer's
    body.
    """

    allow_http: bool = False
    allow_private: bool = False
    only_loopback: bool = False
    ports: frozenset[int] | None = _HTTPS_PORTS
    connect_timeout: float = 5.0
    total_timeout: float = 15.0
    max_body: int = 64 * 1024

    @classmethod
    def production(cls) -> Self:
        """https to public addresses on ports 443 and 8443."""
        return cls()

    @classmethod
    def inside(cls) -> Self:
        """https to any address on any port: for services that the operator runs and names in the settings."""
        return cls(allow_private=True, ports=None)

    @classmethod
    def loopback(cls) -> Self:
        """http and https to this machine's loopback addresses on any port: sandbox and tests."""
        return cls(allow_http=True, only_loopback=True, ports=None)

    @property
    def reaches_inside(self) -> bool:
        """Whether names and literals of inner addresses have a use at all."""
        return self.allow_private or self.only_loopback
