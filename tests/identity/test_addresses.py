"""Codes counted by address: generous to many behind one, no gift to somebody who forges or owns many."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_network
from itertools import count

import pytest
from flask import Flask

from app.core.unit import connect, database
from app.edge.client import EXTENSION, client_address
from app.factory import create_app
from app.identity.errors import TooManyFromAddress
from app.identity.rules import ADDRESS_BURST
from app.identity.service.addresses import site, spend
from app.identity.service.codes import send_code
from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.identity.conftest import Clock
from tests.identity.phone import Gateway
from tests.platform import Platform

_hosts = count(1)


@pytest.fixture
def address(platform: Platform) -> str:
    """An address that nobody has used."""
    number = next(_hosts)
    return f"198.51.{number // 250}.{number % 250 + 1}"


def is_counted(address: str) -> bool:
    try:
        spend(address)
    except TooManyFromAddress as refused:
        assert refused.retry_after == 5
        return False
    return True


def test_many_behind_one_address_wait_seconds(clock: Clock, address: str) -> None:
    assert all(is_counted(address) for _ in range(ADDRESS_BURST))
    assert not is_counted(address)
    clock.forward(seconds=6)
    assert is_counted(address)
    assert not is_counted(address)
    clock.forward(hours=1)
    assert all(is_counted(address) for _ in range(ADDRESS_BURST))


def test_of_many_at_once_none_is_counted_too_little(address: str) -> None:
    with ThreadPoolExecutor(10) as pool:
        counted = list(pool.map(lambda _: is_counted(address), range(ADDRESS_BURST + 40)))
    assert ADDRESS_BURST <= counted.count(True) <= ADDRESS_BURST + 2, "what took seconds gave some back"


def test_addresses_are_counted_apart_and_stored_blind(platform: Platform, clock: Clock, address: str) -> None:
    for _ in range(ADDRESS_BURST):
        spend(address)
    assert not is_counted(address)
    assert is_counted("203.0.113.7")
    with platform.connection() as connection:
        rows = connection.execute("SELECT row_to_json(a)::text FROM code_addresses a").fetchall()
    assert rows and not any(address in text for (text,) in rows)


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
    ],
)
def test_what_of_an_address_counts(written: str, counts: str) -> None:
    assert site(written) == counts


@pytest.mark.usefixtures("sending")
def test_a_used_up_address_sends_nothing_and_spends_no_number(gateway: Gateway, address: str) -> None:
    phone = gateway.phone()
    for _ in range(ADDRESS_BURST):
        spend(address)
    with pytest.raises(TooManyFromAddress):
        send_code(phone.number, address)
    assert phone.texts == []
    send_code(phone.number, "203.0.113.8")
    assert len(phone.texts) == 1


PROXY = "10.0.0.5"


def seen(peer: str, forwarded: str | None) -> str | None:
    """Whose address a request is taken to come from, behind a proxy of the inner network."""
    app = Flask("addresses")
    app.extensions[EXTENSION] = (ip_network("10.0.0.0/8"),)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": peer}):
        return client_address()


def test_whose_address_it_is() -> None:
    expected = {
        ("127.0.0.1", None): None,
        ("::1", None): None,
        ("", None): None,
        ("203.0.113.9", None): "203.0.113.9",
        ("203.0.113.9", "198.51.100.1"): None,
        (PROXY, "198.51.100.1"): "198.51.100.1",
        (PROXY, "1.1.1.1, 198.51.100.1"): "198.51.100.1",
        (PROXY, "198.51.100.1, 10.0.0.6"): "198.51.100.1",
        (PROXY, "10.0.0.7, 10.0.0.6"): None,
        (PROXY, "198.51.100.1, rubbish"): None,
        (PROXY, "::ffff:198.51.100.1"): "198.51.100.1",
        (PROXY, "2001:db8::1"): "2001:db8::1",
    }
    assert {(peer, forwarded): seen(peer, forwarded) for peer, forwarded in expected} == expected


def test_without_a_trusted_proxy_nothing_forwarded_is_believed() -> None:
    app = Flask("addresses")
    app.extensions[EXTENSION] = ()
    with app.test_request_context("/", headers={"X-Forwarded-For": "198.51.100.1"}):
        assert client_address() is None


def read(**more: str) -> Settings:
    addresses = {name: f"postgresql://{name}@db.example.com/cloud" for name in ("app", "sealer", "discovery")}
    return Settings.from_environment(environment(addresses, new_keys(), **more))


def test_trusted_proxies_are_networks() -> None:
    assert read().trusted_proxies == ()
    known = read(CLOUD_TRUSTED_PROXIES="10.0.0.0/8, 2001:db8::1")
    assert known.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"))
    for wrong in ("proxy.example.com", "10.0.0.1/8", "*"):
        with pytest.raises(UnsafeSettings, match="CLOUD_TRUSTED_PROXIES"):
            read(CLOUD_TRUSTED_PROXIES=wrong)


def test_the_endpoint_counts_by_the_forwarded_address(platform: Platform, address: str) -> None:
    app = create_app(replace(platform.settings, trusted_proxies=(ip_network("127.0.0.1/32"),)))
    engine = database().engine
    try:
        for _ in range(ADDRESS_BURST):
            spend(address)
        answer = app.test_client().post(
            "/api/v1/sign-in-codes", json={"phone": "+8613700000001"}, headers={"X-Forwarded-For": address}
        )
    finally:
        engine.dispose()
        connect(platform.database)
    assert answer.json and (answer.status_code, answer.json["code"]) == (429, "too_many_codes_from_address")
    assert answer.headers["Retry-After"] == "5"
