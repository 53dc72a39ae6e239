"""Every range that must not be reached, with both its edges and the addresses just outside."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest

from app.core.http import Client, DestinationRefused, Policy
from app.core.http.addresses import is_allowed, parsed

PRODUCTION = Policy.production()
DEVELOPMENT = Policy(allow_private=True)

RANGES = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
    "100::/64", "2001::/32", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
NETWORKS = [ip_network(text) for text in RANGES]
EDGES = list(dict.fromkeys(str(edge) for network in NETWORKS for edge in (network[0], network[-1])))


def _neighbours() -> Iterator[str]:
    """Addresses next to a range that are in no range and, for IPv6, in the part handed out to the public."""
    for network in NETWORKS:
        kind = IPv4Address if network.version == 4 else IPv6Address
        last = 2 ** kind(0).max_prefixlen - 1
        for number in (int(network[0]) - 1, int(network[-1]) + 1):
            if 0 <= number <= last and not any(kind(number) in other for other in NETWORKS):
                yield str(kind(number))


OUTSIDE = list(dict.fromkeys(_neighbours()))
PUBLIC = [text for text in OUTSIDE if ":" not in text or ip_address(text) in IPv6Network("2000::/3")]
NOT_HANDED_OUT = [text for text in OUTSIDE if text not in PUBLIC]


@pytest.fixture(scope="module")
def client() -> Client:
    """In its world the host `a7.example.com` has the seventh edge as its address."""
    return Client(PRODUCTION, lambda host: [EDGES[int(host.partition(".")[0][1:])]])


def refusal(client: Client, host: str) -> DestinationRefused | None:
    """What a request to that host is refused with."""
    try:
        client.send("POST", f"https://{host}.example.com/", headers={}, body=b"")
    except DestinationRefused as refused:
        return refused
    return None


def test_an_edge_of_a_blocked_range_is_never_sent_to(client: Client) -> None:
    found = {address: refusal(client, f"a{number}") for number, address in enumerate(EDGES)}
    told = {address: error and (error.reason, error.maybe_sent) for address, error in found.items()}
    assert told == dict.fromkeys(EDGES, ("blocked_address", False))
    assert {address for address in EDGES if address in str(found[address])} == set()


def allowed(addresses: Iterable[str], policy: Policy) -> set[str]:
    return {text for text in addresses if is_allowed(ip_address(text), policy)}


def test_an_address_just_outside_is_public() -> None:
    public = {*PUBLIC, "1.1.1.1", "8.8.8.8", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"}
    assert allowed(public, PRODUCTION) == public


def test_the_table_of_neighbours_is_not_empty() -> None:
    assert {"9.255.255.255", "11.0.0.0", "100.63.255.255", "172.32.0.0", "223.255.255.255"} <= set(PUBLIC)
    assert {"2001:200::", "2001:db9::", "2003::", "3fff:1000::"} <= set(PUBLIC)


def test_ipv6_outside_the_public_part_is_blocked() -> None:
    assert NOT_HANDED_OUT
    assert allowed(NOT_HANDED_OUT, PRODUCTION) == set()


@pytest.mark.parametrize("policy", [PRODUCTION, DEVELOPMENT, Policy.loopback()])
def test_an_ipv4_address_wrapped_in_ipv6_is_blocked(policy: Policy) -> None:
    wrapped = [
        "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ]  # fmt: skip
    assert allowed(wrapped, policy) == set()


def test_development_reaches_the_inner_network() -> None:
    inner = {"10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd12::1", "8.8.8.8"}
    assert allowed(inner, DEVELOPMENT) == inner


def test_development_reaches_no_metadata_service() -> None:
    services = [
        "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "fe80::1",
        "0.0.0.1", "::", "224.0.0.1", "255.255.255.255",
    ]  # fmt: skip
    assert allowed(services, DEVELOPMENT) == set()


def test_loopback_means_loopback() -> None:
    assert allowed([*EDGES, *PUBLIC], Policy.loopback()) == {"127.0.0.0", "127.255.255.255", "::1"}


def test_odd_spellings_are_no_addresses() -> None:
    texts = ["127.1", "0177.0.0.1", "0x7f.1", "2130706433", "fe80::1%eth0", "::1%1", "", "a.b"]
    assert {text for text in texts if parsed(text) is not None} == set()


@pytest.mark.parametrize("answers", [["8.8.8.8", "::1"], ["2606:4700::1", "10.0.0.1"], ["1.1.1.1", "fe80::1%eth0"]])
def test_one_blocked_answer_spoils_all(answers: list[str]) -> None:
    refused = refusal(Client(PRODUCTION, lambda host: answers), "hooks")
    assert refused and refused.reason == "blocked_address"
