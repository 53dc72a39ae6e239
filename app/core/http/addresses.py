"""Which IP addresses may be connected to.

IPv4: the special-purpose ranges of the IANA registry (RFC 6890 and successors). IPv6: only 2000::/3 is
handed out to the public Internet, so all else is refused as a whole (loopback, v4-mapped, NAT64, discard,
segment routing, unique local, link-local, multicast), and inside it the forms that wrap an IPv4 address.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.core.http.policy import Policy

Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def _networks(*blocks: str) -> tuple[_Network, ...]:
    return tuple(ip_network(block) for block in blocks)


_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_INNER = _LOOPBACK + _networks("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
# Metadata services that live outside link-local space: Alibaba Cloud, Amazon, Google.
_METADATA = _networks("100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128")
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC = _INNER + _networks(
    "0.0.0.0/8",
    "168.63.129.16/32",  # Azure's host agent: a public address, but answered by the machine below
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",  # protocol assignments: Teredo wraps IPv4, benchmarking, ORCHID
    "2001:db8::/32",
    "2002::/16",  # 6to4 wraps IPv4
    "3fff::/20",
)


def parsed(text: str) -> Address | None:
    """The address in canonical form, or None for a short, octal, hexadecimal or zoned spelling."""
    if "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_allowed(address: Address, policy: Policy) -> bool:
    """Whether `policy` lets a connection go to this address."""
    if policy.only_loopback:
        return _within(address, _LOOPBACK)
    if policy.allow_private and _within(address, _INNER):
        return not _within(address, _METADATA)
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _PUBLIC_V6:
        return False
    return not _within(address, _NOT_PUBLIC)


def _within(address: Address, networks: Iterable[_Network]) -> bool:
    return any(address in network for network in networks)
