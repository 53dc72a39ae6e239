"""Reading a URL once, strictly.

What this one parser does not understand is refused, so that no second reading of the same text can differ.
"""

import re
from dataclasses import dataclass, field

from app.core.http.addresses import is_allowed, parsed
from app.core.http.errors import DestinationRefused
from app.core.http.policy import Policy

_MAX_URL = 2048
_MAX_NAME = 253
_MAX_PORT = 65535
_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)(/[^?#]*)?(?:\?([^#]*))?")
_TARGET = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# WHATWG URL, "ends in a number": such a host is an IPv4 address to somebody, whatever its other labels are.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Names that only mean something inside a network, and services whose names spell the address they lead to.
_BLOCKED_NAMES = (
    "localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa",
    "nip.io", "sslip.io", "xip.io", "xip.name", "ip6.name", "backname.io", "traefik.me", "localtest.me",
    "lvh.me", "vcap.me", "lacolhost.com", "localho.st", "local.gd", "rbndr.us", "1u.ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL that passed: lower-case host without trailing dot, explicit port, target as it is sent."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    is_literal: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port, safe to log."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The normalised URL, secrets in its query included."""
        return self.origin + self.target


def check_url(url: str, policy: Policy) -> Destination:
    """Parse `url` and apply every rule that needs no look-up; raises DestinationRefused."""
    scheme, authority, target = _split(url)
    if scheme not in _DEFAULT_PORTS or (scheme == "http" and not policy.allow_http):
        raise DestinationRefused("scheme", "this URL scheme is not allowed")
    host, port = _host_and_port(authority, _DEFAULT_PORTS[scheme])
    if not 0 < port <= _MAX_PORT or (policy.ports is not None and port not in policy.ports):
        raise DestinationRefused("port", "this port is not allowed")
    if host.startswith("[") or _NUMBER.fullmatch(host.rpartition(".")[2]):
        return Destination(scheme, _checked_literal(host.strip("[]"), policy), port, target, is_literal=True)
    _check_name(host, policy)
    return Destination(scheme, host, port, target, is_literal=False)


def _split(url: str) -> tuple[str, str, str]:
    match = _URL.fullmatch(url) if len(url) <= _MAX_URL else None
    if match is None:
        raise DestinationRefused("malformed", "not an absolute URL without a fragment (#)")
    scheme, authority, path, query = match.groups()
    target = (path or "/") + ("" if query is None else f"?{query}")
    if _TARGET.fullmatch(target) is None:
        raise DestinationRefused("malformed", "the URL holds a character that must be percent-encoded")
    return scheme.lower(), authority, target


def _host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    if "@" in authority:
        raise DestinationRefused("userinfo", "a URL must not carry credentials")
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise DestinationRefused("malformed", "not a host name in ASCII (write others as xn--...)")
    host, port = match.groups()
    return host.lower().removesuffix("."), int(port) if port else default_port


def _checked_literal(host: str, policy: Policy) -> str:
    address = parsed(host)
    if address is None or not policy.reaches_inside:
        raise DestinationRefused("ip_literal", "an IP address instead of a name is not allowed")
    if not is_allowed(address, policy):
        raise DestinationRefused("blocked_address", "this address is not allowed")
    return str(address)


def _check_name(host: str, policy: Policy) -> None:
    labels = host.split(".")
    if len(host) > _MAX_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise DestinationRefused("malformed", "not a valid host name")
    if policy.reaches_inside:
        return
    if len(labels) == 1 or any(f".{host}".endswith(f".{name}") for name in _BLOCKED_NAMES):
        raise DestinationRefused("blocked_name", "this host name is not public")
