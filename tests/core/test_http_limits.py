"""Receivers that answer too much, too slowly, never, or nonsense."""

import gzip
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.http import (
    AnswerBroken,
    AnswerTooLarge,
    AnswerTooSlow,
    Client,
    NameNotResolved,
    OutboundError,
    Policy,
    Reply,
    TimedOut,
)
from tests.core.http_receivers import OK, Receiver, Script, drips, says

HURRIED = replace(Policy.loopback(), total_timeout=0.4, connect_timeout=0.3)
PATIENCE = 3.0
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def _send(script: Script, policy: Policy = HURRIED) -> Reply:
    started = time.monotonic()
    with Receiver(script) as receiver:
        try:
            with Client(policy) as client:
                return client.send("POST", receiver.url(), headers={}, body=b"a" * 1000)
        finally:
            assert time.monotonic() - started < PATIENCE
            assert receiver.ended.wait(PATIENCE)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    ],
)
def test_a_dripping_body_is_cut_at_the_deadline(head: bytes) -> None:
    with pytest.raises(AnswerTooSlow) as slow:
        _send(drips(head, b"a", 0.02))
    assert (slow.value.status, slow.value.maybe_sent) == (200, True)


@pytest.mark.parametrize(
    ("head", "piece"), [(b"", b"H"), (b"HTTP/1.1 200 OK\r\nX: ", b"a"), (b"HTTP/1.1 200 OK\r\n", b"")]
)
def test_a_dripping_or_missing_head_is_cut_at_the_deadline(head: bytes, piece: bytes) -> None:
    with pytest.raises(TimedOut) as slow:
        _send(drips(head, piece, 0.02))
    assert slow.value.maybe_sent


def test_a_receiver_that_does_not_read_the_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(TimedOut) as slow:
            Client(HURRIED).send("POST", url, headers={}, body=bytes(20_000_000))
        assert slow.value.maybe_sent


def test_a_receiver_that_does_not_accept() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        with pytest.raises(TimedOut) as slow:
            Client(HURRIED).send("POST", f"http://127.0.0.1:{full.getsockname()[1]}/", headers={}, body=b"")
        assert not slow.value.maybe_sent


def test_a_name_server_that_does_not_answer_holds_nobody_and_one_thread() -> None:
    answer, asked = threading.Event(), []

    def stuck(host: str) -> list[str]:
        asked.append(host)
        answer.wait(30)
        return ["127.0.0.1"]

    client = Client(replace(HURRIED, total_timeout=0.05), stuck)
    try:
        for _ in range(3):
            with pytest.raises(TimedOut) as slow:
                client.send("POST", "http://slow.example.com/", headers={}, body=b"")
            assert not slow.value.maybe_sent
        assert asked == ["slow.example.com"]
    finally:
        answer.set()


def test_the_number_of_pending_look_ups_is_bounded() -> None:
    answer = threading.Event()

    def stuck(host: str) -> list[str]:
        answer.wait(30)
        return ["127.0.0.1"]

    client, failures = Client(replace(HURRIED, total_timeout=0.002), stuck), []
    try:
        for number in range(70):
            with pytest.raises(OutboundError) as failed:
                client.send("POST", f"http://a{number}.example.com/", headers={}, body=b"")
            failures.append(type(failed.value))
        assert failures == [TimedOut] * 64 + [NameNotResolved] * 6
    finally:
        answer.set()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12a05f200\r\n",
    ],
)
def test_an_endless_body_is_read_to_the_cap_and_dropped(head: bytes) -> None:
    sent = [0]

    def flood(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(head)
        while True:
            sent[0] += connection.send(b"a" * 65536)

    reply = _send(flood, Policy.loopback())
    assert (reply.status, reply.body, reply.truncated) == (200, b"a" * 65536, True)
    assert sent[0] < 50_000_000  # what the kernel's buffers took, not five gigabytes


@pytest.mark.parametrize(("length", "truncated"), [(99, False), (100, False), (101, True)])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_cap_is_exact(length: int, truncated: bool, chunked: bool) -> None:
    body = b"a" * length
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, body)
    answer = CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (length, body) if chunked else plain
    with Receiver(says(answer)) as receiver, Client(replace(Policy.loopback(), max_body=100)) as client:
        replies = [client.send("POST", receiver.url(), headers={}, body=b"a") for _ in range(2)]
        assert {(reply.body, reply.truncated) for reply in replies} == {(b"a" * min(length, 100), truncated)}
        assert receiver.accepted == (2 if truncated else 1)


def _floods(head: bytes, piece: bytes) -> Script:
    def flood(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return flood


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"a" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 1000 + b"\r\n"),
        (b"", b"a" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED, b"1\r\na\r\n"),
        (CHUNKED, b"1;" + b"a" * 1000 + b"\r\na\r\n"),
        (CHUNKED + b"0\r\n", b"X: " + b"a" * 1000 + b"\r\n"),
    ],
)
def test_an_endless_head_or_framing_is_dropped(head: bytes, piece: bytes) -> None:
    with pytest.raises(AnswerTooLarge) as large:
        _send(_floods(head, piece), Policy.loopback())
    assert large.value.maybe_sent


def test_more_than_a_hundred_headers_are_no_answer() -> None:
    with pytest.raises(AnswerBroken):
        _send(says(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 101 + b"\r\n"))


def test_a_body_is_never_decompressed() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert _send(says(head + bomb)).body == bomb


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 200),
        (CHUNKED + b"5\r\nabc", 200),
        (CHUNKED + b"zz\r\nabc", 200),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK, 103),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101),
        (b"SSH-2.0-OpenSSH\r\n", None),
        (b"HTTP/1.1 99999 OK\r\n\r\n", None),
        (b"", None),
    ],
)
def test_a_broken_answer(answer: bytes, status: int | None) -> None:
    with pytest.raises(AnswerBroken) as broken:
        _send(says(answer, keep=False))
    assert (broken.value.status, broken.value.maybe_sent) == (status, True)


def test_a_reset_after_the_head() -> None:
    def reset(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        return False

    with pytest.raises(AnswerBroken):
        _send(reset)


def test_a_folded_header_cannot_start_a_new_line() -> None:
    reply = _send(says(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nContent-Length: 0\r\n\r\n", keep=False))
    assert reply.headers["x"] == "a b c"


def test_odd_answers_put_no_query_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        Receiver(says(b"HTTP/1.1 200 OK\r\nodd\r\nX: a\r\n\r\n", keep=False)) as odd,
    ):
        Client(HURRIED).send("POST", odd.url(target="/?k=hush"), headers={}, body=b"a")
    assert "hush" not in caplog.text


class Babbler(NamedTuple):
    """A receiver that says `words[0]` and hangs up, and a client to ask it with."""

    client: Client
    receiver: Receiver
    words: list[bytes]


@pytest.fixture(scope="module")
def babbler() -> Iterator[Babbler]:
    words = [b""]

    def babble(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(words[0])
        return False

    with Receiver(babble) as running, Client(HURRIED) as client:
        yield Babbler(client, running, words)


_WORDS = st.lists(
    st.binary(max_size=6)
    | st.sampled_from(
        [
            b"HTTP/1.1 200 OK\r\n",
            b"\r\n",
            b":",
            b"Content-Length: 5",
            b"abcde",
            b"Transfer-Encoding: chunked\r\n\r\n",
            b"5;\r\n",
            b"0\r\n",
            b"HTTP/1.1 ",
            b"HTTP/1.0 404\r\n",
            b"X:",
            b" ",
        ]
    ),
    max_size=8,
).map(b"".join)


@settings(deadline=None, max_examples=150)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde")
@given(_WORDS)
def test_nonsense_is_a_reply_or_an_outbound_error(babbler: Babbler, words: bytes) -> None:
    babbler.words[0] = words
    try:
        reply = babbler.client.send("POST", babbler.receiver.url(), headers={}, body=b"a")
    except OutboundError as error:
        assert error.maybe_sent
    else:
        assert 200 <= reply.status < 1000
