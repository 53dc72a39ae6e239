"""From which address a request comes: the peer's, or the one that a trusted proxy names; and which language it wants.

What a stranger writes into `X-Forwarded-For` is never believed: only what a trusted proxy appended counts, read from
the right end.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from flask import current_app, request

EXTENSION = "cloud_hospital_trusted_proxies"
"""Where the application keeps the networks of its proxies."""
Network = IPv4Network | IPv6Network
FORWARDED = "X-Forwarded-For"


def preferred_language(known: Sequence[str], *first: str) -> str | None:
    """Which of the `known` languages (tags of BCP 47) the caller wants most: one of the tags `first`, else as
    `Accept-Language` says (RFC 9110, 12.5.4); None where none of them is named. What follows a hyphen does not count.
    """
    tags = (*first, *(tag for tag, quality in request.accept_languages if quality))
    return next((one for tag in tags for one in known if _language(one) == _language(tag)), None)


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()


def client_address() -> str | None:
    """The caller's address; None where it is this machine itself, or cannot be known.

    It cannot be known of a request that was forwarded by a proxy that is not trusted.
    """
    peer, trusted = _parsed(request.remote_addr or ""), current_app.extensions[EXTENSION]
    if peer is None:
        return None
    hops = [part.strip() for part in ",".join(request.headers.getlist(FORWARDED)).split(",") if part.strip()]
    if not hops:
        return None if peer.is_loopback else str(peer)
    return _forwarded(hops, trusted) if _within(peer, trusted) else None


def _forwarded(hops: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """The last hop that is no proxy of ours; None where it is not an address."""
    for hop in reversed(hops):
        address = _parsed(hop)
        if address is None or not _within(address, trusted):
            return str(address) if address else None
    return None


def _within(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
