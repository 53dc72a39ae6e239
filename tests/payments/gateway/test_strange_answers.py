"""A server that is no gateway, or a broken one: answers that drip, lie, redirect or never end."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
import time
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.payments.gateway import (
    AuthenticationFailed,
    GatewayClient,
    GatewayError,
    GatewayUnavailable,
    OutcomeUnknown,
    RetryPolicy,
    Timeouts,
)
from app.payments.gateway.deadline import limited_session
from tests.payments.gateway.partner import QUICK
from tests.payments.gateway.strangers import Talk, answering, dripping_body, dripping_head, endless_body, server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "gateway.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("talk", [dripping_head, dripping_body, endless_body])
def test_the_total_time_and_size_hold_against_answers_that_drip_or_never_end(talk: Talk) -> None:
    with server(talk) as port:
        client = GatewayClient(
            f"http://127.0.0.1:{port}", "sk_test", timeouts=Timeouts(read=5, total=0.5), retries=QUICK
        )
        _gives_up_in_time(client)


def test_the_total_time_holds_over_tls(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    def trusting() -> requests.Session:
        session = limited_session()
        session.verify = str(certificate)
        return session

    with server(dripping_head, tls) as port:
        client = GatewayClient(
            f"https://127.0.0.1:{port}",
            "sk_test",
            timeouts=Timeouts(read=5, total=0.5),
            session_factory=trusting,
        )
        _gives_up_in_time(client)


def test_an_unknown_certificate_gets_no_request(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    heard: list[socket.socket] = []
    with server(heard.append, tls) as port:
        client = GatewayClient(f"https://127.0.0.1:{port}", "sk_test", retries=QUICK)
        with pytest.raises(GatewayUnavailable):
            client.payment_intents.cancel("pi_1", idempotency_key="k")
    assert heard == []


def _gives_up_in_time(client: GatewayClient) -> None:
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        client.payment_intents.cancel("pi_1", idempotency_key="k")
    with pytest.raises(GatewayUnavailable):
        client.events.list()
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("200 OK", b"<html>maintenance</html>"),
        ("200 OK", b"[]"),
        ("200 OK", b"\xff\xfe"),
        ("200 OK", b"[" * 100_000),
        ("200 OK", b'{"object": "list", "data": [1]}'),
        ("200 OK", b'{"object": "payment_intent", "id": "pi_1", "status": "succeeded", "amount": "10"}'),
        ("204 No Content", b""),
        ("301 Moved\r\nLocation: http://127.0.0.1:9/elsewhere\r\nContent-Length: 0", b""),
        ("502 Bad Gateway\r\nContent-Length: 2", b"{}"),
        ("600 Odd\r\nContent-Length: 2", b"{}"),
        ("200 OK\r\nContent-Length: 99", b'{"object": "list"}'),
        ("200 OK\r\nTransfer-Encoding: chunked", b"zz\r\n"),
        ("not even a status", b""),
    ],
)
def test_what_is_no_answer_leaves_doubt(head: str, body: bytes) -> None:
    with server(answering(head, body)) as port:
        client = GatewayClient(f"http://127.0.0.1:{port}", "sk_test", retries=QUICK)
        with pytest.raises(OutcomeUnknown):
            client.payment_intents.cancel("pi_1", idempotency_key="k")
        with pytest.raises(GatewayUnavailable):
            client.events.list()


def test_a_key_that_ends_after_a_lost_answer_leaves_doubt() -> None:
    asked: list[socket.socket] = []

    def hang_up_then_refuse(connection: socket.socket) -> None:
        asked.append(connection)
        if len(asked) > 1:
            answering("401 Unauthorized\r\nContent-Length: 2", b"{}")(connection)

    with server(hang_up_then_refuse) as port:
        client = GatewayClient(f"http://127.0.0.1:{port}", "sk_test", retries=QUICK)
        with pytest.raises(OutcomeUnknown):
            client.payment_intents.cancel("pi_1", idempotency_key="k")
        with pytest.raises(AuthenticationFailed):
            client.payment_intents.cancel("pi_1", idempotency_key="k")
    assert len(asked) == 3


def test_a_gateway_may_ask_not_to_be_asked_again() -> None:
    asked: list[socket.socket] = []

    def refuse(connection: socket.socket) -> None:
        asked.append(connection)
        answering("500 Broken\r\nStripe-Should-Retry: false\r\nContent-Length: 2", b"{}")(connection)

    with server(refuse) as port:
        client = GatewayClient(f"http://127.0.0.1:{port}", "sk_test", retries=RetryPolicy(attempts=5))
        with pytest.raises(OutcomeUnknown):
            client.payment_intents.cancel("pi_1", idempotency_key="k")
    assert len(asked) == 1


@pytest.mark.parametrize("wish", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "1e9", "nan", "9" * 400])
def test_an_odd_retry_after_is_passed_over(wish: str) -> None:
    waits: list[float] = []
    with server(answering(f"429 Slow\r\nRetry-After: {wish}\r\nContent-Length: 2", b"{}")) as port:
        client = GatewayClient(
            f"http://127.0.0.1:{port}", "sk_test", retries=QUICK, sleep=waits.append, jitter=lambda: 0.0
        )
        with pytest.raises(GatewayError):
            client.events.list()
    assert waits == [0.02, 0.04]


def test_unknown_words_and_fields_are_kept_or_passed_over() -> None:
    intent = {
        "object": "payment_intent",
        "id": "pi_1",
        "status": "resting",
        "amount": 5,
        "currency": "cny",
        "created": 1_400_000_000,
        "brand_new": {"deep": [1]},
        "next_action": {"type": "dance", "dance": {"steps": 3}},
        "latest_charge": {"id": "ch_1", "object": "charge"},
    }
    with server(answering("200 OK", json.dumps(intent).encode())) as port:
        client = GatewayClient(f"http://127.0.0.1:{port}", "sk_test")
        found = client.payment_intents.retrieve("pi_1")
    assert (found.status, found.latest_charge, found.amount_received) == ("resting", "ch_1", 0)
    assert found.next_action is not None and found.next_action.kind == "dance"
    assert found.created == datetime.datetime(2014, 5, 13, 16, 53, 20, tzinfo=datetime.UTC)
