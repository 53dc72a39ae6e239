"""Whom the client connects to, what it sends there, and which connections it keeps."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Protocol

import pytest

from app.core.http import (
    AnswerBroken,
    Client,
    ConnectFailed,
    DestinationRefused,
    NameNotResolved,
    Policy,
    RequestRefused,
)
from app.core.http.connections import IDLE_SECONDS, MAX_IDLE
from app.core.http.names import REMEMBERED_SECONDS
from tests.core.http_receivers import OK, Receiver, says
from tests.tables import let_through


class Clock:
    """Monotonic seconds that move when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Resolver:
    """Gives one prepared set of addresses after the other; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(says(OK)) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Policy.loopback()) as running:
        yield running


class Resolving(Protocol):
    """Makes a client whose names lead to the given sets of addresses, one set for each look-up."""

    def __call__(self, *answers: list[str]) -> tuple[Client, Resolver]: ...


@pytest.fixture
def resolving(clock: Clock) -> Iterator[Resolving]:
    with ExitStack() as stack:

        def make(*answers: list[str]) -> tuple[Client, Resolver]:
            resolver = Resolver(*answers)
            return stack.enter_context(Client(Policy.loopback(), resolver, clock=clock)), resolver

        yield make


def test_the_request_on_the_wire(resolving: Resolving, receiver: Receiver) -> None:
    client, resolver = resolving(["127.0.0.1"])
    url = receiver.url("hooks.example.com", "/in?a=%2F")
    reply = client.send("POST", url, headers={"webhook-id": "evt_1"}, body=b'{"a":1}')
    assert (reply.status, reply.body, reply.truncated) == (200, b"ok", False)
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (lines[0], body) == (b"POST /in?a=%2F HTTP/1.1", b'{"a":1}')
    assert sorted(lines[1:]) == [
        b"Accept-Encoding: identity",
        b"Content-Length: 7",
        b"Host: hooks.example.com:%d" % receiver.port,
        b"User-Agent: cloud-hospital",
        b"webhook-id: evt_1",
    ]
    assert resolver.asked == ["hooks.example.com"]


def test_a_caller_names_its_own_agent(client: Client, receiver: Receiver) -> None:
    client.send("GET", receiver.url(), headers={"user-agent": "sandbox"}, body=b"")
    assert receiver.requests[0].lower().count(b"user-agent:") == 1


def test_the_system_resolver_knows_localhost(client: Client, receiver: Receiver) -> None:
    assert client.send("GET", receiver.url("localhost"), headers={}, body=b"").status == 200


def test_ipv6(client: Client) -> None:
    with Receiver(says(OK), address="::1") as receiver:
        assert client.send("POST", receiver.url("[::1]"), headers={}, body=b"a").status == 200
        assert b"Host: [::1]:%d\r\n" % receiver.port in receiver.requests[0]


def test_rebinding_reaches_only_the_checked_address(resolving: Resolving, receiver: Receiver) -> None:
    with Receiver(says(OK), address="127.0.0.2", port=receiver.port) as decoy:
        client, resolver = resolving(["127.0.0.1"], ["127.0.0.2"])
        for _ in range(3):
            client.send("POST", receiver.url("hooks.example.com"), headers={}, body=b"a")
        assert len(resolver.asked) == 1
        assert (receiver.accepted, decoy.accepted) == (1, 0)


def test_a_name_that_moves_inside_is_refused_although_a_connection_is_open(
    resolving: Resolving, receiver: Receiver, clock: Clock
) -> None:
    client, resolver = resolving(["127.0.0.1"], ["127.0.0.1", "10.0.0.1"])
    url = receiver.url("hooks.example.com")
    client.send("POST", url, headers={}, body=b"a")
    clock.now += REMEMBERED_SECONDS - 0.001
    client.send("POST", url, headers={}, body=b"a")
    clock.now += 0.001
    with pytest.raises(DestinationRefused):
        client.send("POST", url, headers={}, body=b"a")
    assert (len(resolver.asked), len(receiver.requests)) == (2, 2)


def test_a_kept_connection_to_a_former_address_is_not_used(
    resolving: Resolving, receiver: Receiver, clock: Clock
) -> None:
    with Receiver(says(OK), address="127.0.0.2", port=receiver.port) as moved:
        client, _ = resolving(["127.0.0.1"], ["127.0.0.2"])
        url = receiver.url("hooks.example.com")
        clock.now += 1
        client.send("POST", url, headers={}, body=b"a")
        clock.now += REMEMBERED_SECONDS
        client.send("POST", url, headers={}, body=b"a")
        assert (len(receiver.requests), len(moved.requests)) == (1, 1)


def test_the_next_address_is_tried_when_one_does_not_answer(resolving: Resolving, receiver: Receiver) -> None:
    client, _ = resolving(["::1", "127.0.0.9", "127.0.0.1"])
    assert client.send("POST", receiver.url("hooks.example.com"), headers={}, body=b"a").status == 200


def test_nobody_listens(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectFailed) as failed:
        client.send("POST", f"http://127.0.0.1:{port}/?k=hush", headers={}, body=b"a")
    assert (failed.value.code, failed.value.maybe_sent) == ("connect_failed", False)
    assert "hush" not in str(failed.value)


def test_unknown_names() -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    def empty(host: str) -> list[str]:
        return []

    for resolve in (unknown, empty):
        with pytest.raises(NameNotResolved) as failed:
            Client(Policy.production(), resolve).send("POST", "https://a.example.com/", headers={}, body=b"")
        assert not failed.value.maybe_sent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_only_an_answer(client: Client, status: int) -> None:
    with Receiver(says(OK)) as inside:
        moved = b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
        with Receiver(says(moved % (status, inside.url().encode()))) as receiver:
            reply = client.send("POST", receiver.url(), headers={}, body=b"a")
            assert (reply.status, reply.headers["location"]) == (status, inside.url())
        assert inside.accepted == 0


@pytest.mark.parametrize("status", [204, 304, 400, 404, 410, 429, 500, 503])
def test_every_status_is_passed_on(client: Client, status: int) -> None:
    empty = b"HTTP/1.1 %d Whatever\r\nRetry-After: 31536000\r\nContent-Length: 0\r\n\r\n" % status
    with Receiver(says(empty)) as receiver:
        replies = [client.send("POST", receiver.url(), headers={}, body=b"a") for _ in range(2)]
        assert [reply.status for reply in replies] == [status, status]
        assert replies[0].headers["RETRY-AFTER"] == "31536000"
        assert receiver.accepted == 1


def test_head_has_no_body(client: Client) -> None:
    with Receiver(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")) as receiver:
        for _ in range(2):
            assert client.send("HEAD", receiver.url(), headers={}, body=b"").body == b""
        assert receiver.accepted == 1


def test_proxies_of_the_environment_are_ignored(
    resolving: Resolving, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver(says(OK)) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(target=""))
        monkeypatch.setenv("no_proxy", "")
        client, _ = resolving(["127.0.0.1"])
        assert client.send("POST", receiver.url("hooks.example.com"), headers={}, body=b"a").status == 200
        assert (receiver.accepted, proxy.accepted) == (1, 0)


def test_headers_that_are_never_sent(client: Client, receiver: Receiver) -> None:
    unsendable = [
        {"x-a": "1\r\nx-b: 2"},
        {"x-a": "1\nx-b: 2"},
        {"x-a": "1\r"},
        {"x-a\r\nx-b": "1"},
        {"x-a:": "1"},
        {"x a": "1"},
        {"": "1"},
        {"x-a": "\x00"},
        {"x-a": "医"},
        {"x-a": "\x85"},
        {"Host": "metadata.google.internal"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "close"},
        {"Expect": "100-continue"},
        {"Proxy-Authorization": "a"},
        {"Accept-Encoding": "gzip"},
        {"x-a": "a" * 16384},
        {f"x-{number}": "1" for number in range(65)},
    ]

    def sent(headers: dict[str, str]) -> bool:
        try:
            client.send("POST", receiver.url(), headers=headers, body=b"a")
        except RequestRefused as refused:
            return refused.maybe_sent
        return True

    assert {str(headers) for headers in unsendable if sent(headers)} == set()
    assert receiver.accepted == 0


def test_methods_that_are_never_sent(client: Client, receiver: Receiver) -> None:
    methods = ["CONNECT", "TRACE", "post", "GET / HTTP/1.1\r\nX: ", ""]

    def send(method: str) -> None:
        client.send(method, receiver.url(), headers={}, body=b"")

    assert let_through(send, methods, RequestRefused) == set()
    assert receiver.accepted == 0


def test_one_connection_serves_many_requests(client: Client, receiver: Receiver) -> None:
    for _ in range(50):
        client.send("POST", receiver.url(), headers={}, body=b"a" * 1000)
    assert (receiver.accepted, len(receiver.requests)) == (1, 50)


def test_an_idle_connection_is_dropped(resolving: Resolving, receiver: Receiver, clock: Clock) -> None:
    client, _ = resolving(["127.0.0.1"])
    client.send("POST", receiver.url(), headers={}, body=b"a")
    clock.now += IDLE_SECONDS + 0.001
    with Receiver(says(OK)) as other:
        client.send("POST", other.url(), headers={}, body=b"a")
        assert receiver.ended.wait(5)
    client.send("POST", receiver.url(), headers={}, body=b"a")
    assert receiver.accepted == 2


def test_closing_drops_what_is_idle_and_the_client_stays_usable(client: Client, receiver: Receiver) -> None:
    client.send("POST", receiver.url(), headers={}, body=b"a")
    client.close()
    assert receiver.ended.wait(5)
    client.send("POST", receiver.url(), headers={}, body=b"a")
    assert receiver.accepted == 2


def test_a_connection_that_the_receiver_closed_is_not_used_again(client: Client) -> None:
    with Receiver(says(OK, keep=False)) as receiver:
        for expected in (1, 2, 3):
            receiver.ended.clear()
            assert client.send("POST", receiver.url(), headers={}, body=b"a").status == 200
            assert receiver.ended.wait(5)
            assert receiver.accepted == expected


def test_the_number_of_idle_connections_is_bounded(resolving: Resolving, receiver: Receiver) -> None:
    client, _ = resolving(["127.0.0.1"])
    for number in range(MAX_IDLE + 1):
        client.send("GET", receiver.url(f"a{number}.example.com"), headers={}, body=b"")
    assert receiver.ended.wait(5)
    accepted = receiver.accepted
    client.send("GET", receiver.url(f"a{MAX_IDLE}.example.com"), headers={}, body=b"")
    assert receiver.accepted == accepted
    client.send("GET", receiver.url("a0.example.com"), headers={}, body=b"")
    assert receiver.accepted == accepted + 1
    client.close()


def test_twenty_threads_share_a_client(resolving: Resolving) -> None:
    def echo(connection: socket.socket, request: bytes) -> bool:
        body = request.partition(b"\r\n\r\n")[2]
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        return True

    with Receiver(echo) as one, Receiver(echo) as two:
        client, _ = resolving(["127.0.0.1"])
        start = threading.Barrier(20)

        def work(worker: int) -> list[bool]:
            start.wait(10)
            urls = [receiver.url("hooks.example.com") for receiver in (one, two)]
            bodies = [b"%d/%d" % (worker, number) for number in range(30)]
            return [client.send("POST", urls[len(b) % 2], headers={}, body=b).body == b for b in bodies]

        with ThreadPoolExecutor(20) as pool:
            assert all(all(echoed) for echoed in pool.map(work, range(20)))
        assert len(one.requests) + len(two.requests) == 600
        assert one.accepted + two.accepted <= 40


def test_a_connection_reset_says_that_the_request_may_have_arrived(client: Client) -> None:
    with Receiver(says(b"", keep=False)) as receiver:
        with pytest.raises(AnswerBroken) as broken:
            client.send("POST", receiver.url(target="/?k=hush"), headers={}, body=b"a")
        assert (broken.value.maybe_sent, broken.value.status) == (True, None)
        assert "hush" not in str(broken.value)
