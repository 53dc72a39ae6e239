"""The name is what is checked although the connection goes to an address."""

import datetime
import ipaddress
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core.http import AnswerTooSlow, Client, Policy, TimedOut, TlsFailed
from tests.core.http_receivers import OK, Receiver, drips, says

POLICY = replace(Policy.loopback(), allow_http=False, connect_timeout=0.5, total_timeout=2.0)
HOST = "hooks.example.com"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A certificate authority that lives as long as the tests."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test roots")
        built = self._builder(self._name, self._key.public_key())
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = built.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, folder: Path, host: str) -> ssl.SSLContext:
        """A server's context with a certificate for `host`; a wrong common name must not matter."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [
            x509.DNSName(host),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
        built = self._builder(_name("other.example.com"), key.public_key())
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = built.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        plain = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        (folder / "server.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain) + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        built = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number())
        built = built.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        return built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def context(authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    return authority.server(tmp_path, HOST)


@pytest.fixture
def client(authority: Authority) -> Iterator[Client]:
    with Client(POLICY, lambda host: ["127.0.0.1"], extra_ca=authority.pem) as running:
        yield running


@pytest.fixture
def asked_names(context: ssl.SSLContext) -> list[str | None]:
    names: list[str | None] = []

    def remember(_socket: ssl.SSLSocket | ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        names.append(name)

    context.sni_callback = remember
    return names


def test_pinned_address_name_on_the_wire_and_keep_alive(
    client: Client, context: ssl.SSLContext, asked_names: list[str | None]
) -> None:
    with Receiver(says(OK), tls=context) as receiver:
        for _ in range(5):
            reply = client.send("POST", receiver.url("Hooks.Example.com."), headers={}, body=b"a" * 100_000)
            assert (reply.status, reply.body) == (200, b"ok")
        assert (receiver.accepted, asked_names) == (1, [HOST])
        assert b"Host: hooks.example.com:%d\r\n" % receiver.port in receiver.requests[0]


def test_a_certificate_for_another_name(client: Client, context: ssl.SSLContext) -> None:
    with Receiver(says(OK), tls=context) as receiver:
        with pytest.raises(TlsFailed) as failed:
            client.send("POST", receiver.url("other.example.com"), headers={}, body=b"a")
        assert (failed.value.code, failed.value.maybe_sent) == ("tls_failed", False)
        assert receiver.requests == []


def test_an_unknown_authority(context: ssl.SSLContext) -> None:
    stranger = Client(POLICY, lambda host: ["127.0.0.1"])
    with Receiver(says(OK), tls=context) as receiver, pytest.raises(TlsFailed):
        stranger.send("POST", receiver.url(HOST), headers={}, body=b"a")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_tls_is_refused(client: Client, context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with Receiver(says(OK), tls=context) as receiver, pytest.raises(TlsFailed):
        client.send("POST", receiver.url(HOST), headers={}, body=b"a")


def test_plain_http_where_tls_is_expected(client: Client) -> None:
    with Receiver(says(b""), greeting=OK) as receiver, pytest.raises(TlsFailed):
        client.send("POST", f"https://{HOST}:{receiver.port}/", headers={}, body=b"a")


def test_a_handshake_that_never_ends_is_cut_at_the_connect_time_out(client: Client) -> None:
    started = time.monotonic()
    with Receiver(says(b"")) as receiver, pytest.raises(TimedOut) as slow:
        client.send("POST", f"https://{HOST}:{receiver.port}/", headers={}, body=b"a")
    assert not slow.value.maybe_sent
    assert time.monotonic() - started < POLICY.total_timeout


def test_a_dripping_body_is_cut_at_the_deadline_within_tls(authority: Authority, context: ssl.SSLContext) -> None:
    hurried = Client(replace(POLICY, total_timeout=0.5), lambda host: ["127.0.0.1"], extra_ca=authority.pem)
    drip = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n", b"a", 0.02)
    with Receiver(drip, tls=context) as receiver:
        with pytest.raises(AnswerTooSlow):
            hurried.send("POST", receiver.url(HOST), headers={}, body=b"a")
        assert receiver.ended.wait(3)


def test_an_endless_body_is_cut_within_tls(client: Client, context: ssl.SSLContext) -> None:
    flood = drips(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65536, 0)
    with Receiver(flood, tls=context) as receiver:
        reply = client.send("POST", receiver.url(HOST), headers={}, body=b"a")
        assert (len(reply.body), reply.truncated) == (65536, True)
        assert receiver.ended.wait(3)
