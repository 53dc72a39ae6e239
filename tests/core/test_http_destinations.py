"""Reading URLs: what is refused and why, and that nothing is read in two ways."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.http import Destination, DestinationRefused, Policy, check_url

PRODUCTION = Policy.production()
LOOPBACK = Policy.loopback()

REFUSED = [
    ("http://hooks.example.com/", "scheme"),
    ("ftp://hooks.example.com/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("gopher://hooks.example.com/", "scheme"),
    ("unix:///run/x.sock", "scheme"),
    ("https://hooks.example.com:80/", "port"),
    ("https://hooks.example.com:22/", "port"),
    ("https://hooks.example.com:0/", "port"),
    ("https://hooks.example.com:65979/", "port"),
    ("https://a@hooks.example.com/", "userinfo"),
    ("https://a:b@hooks.example.com/", "userinfo"),
    ("https://hooks.example.com@127.0.0.1/", "userinfo"),
    ("https://@hooks.example.com/", "userinfo"),
    ("https://8.8.8.8/", "ip_literal"),
    ("https://127.0.0.1/", "ip_literal"),
    ("https://127.1/", "ip_literal"),
    ("https://127.0.1/", "ip_literal"),
    ("https://0x7f.1/", "ip_literal"),
    ("https://0X7F000001/", "ip_literal"),
    ("https://2130706433/", "ip_literal"),
    ("https://0177.0.0.1/", "ip_literal"),
    ("https://0/", "ip_literal"),
    ("https://017700000001/", "ip_literal"),
    ("https://1.2.3.4.5/", "ip_literal"),
    ("https://a.0x/", "ip_literal"),
    ("https://127.0.0.1./", "ip_literal"),
    ("https://[::1]/", "ip_literal"),
    ("https://[::ffff:127.0.0.1]/", "ip_literal"),
    ("https://[2606:4700::1]/", "ip_literal"),
    ("https://[::]:443/", "ip_literal"),
    ("https://localhost/", "blocked_name"),
    ("https://LOCALHOST/", "blocked_name"),
    ("https://localhost./", "blocked_name"),
    ("https://a.localhost/", "blocked_name"),
    ("https://metadata.google.internal/", "blocked_name"),
    ("https://metadata.google.internal./", "blocked_name"),
    ("https://printer.local/", "blocked_name"),
    ("https://api.default.svc.cluster.local/", "blocked_name"),
    ("https://intranet/", "blocked_name"),
    ("https://127.0.0.1.nip.io/", "blocked_name"),
    ("https://10-0-0-1.sslip.io/", "blocked_name"),
    ("https://nip.io/", "blocked_name"),
    ("https://app.lvh.me/", "blocked_name"),
    ("https://x.home.arpa/", "blocked_name"),
    ("https://router.lan/", "blocked_name"),
    ("https://7f000001.01010101.rbndr.us/", "blocked_name"),
    ("", "malformed"),
    ("https:", "malformed"),
    ("https://", "malformed"),
    ("//hooks.example.com/", "malformed"),
    ("https:/hooks.example.com/", "malformed"),
    (" https://hooks.example.com/", "malformed"),
    ("https://hooks.example.com/\n", "malformed"),
    ("https://hooks.example.com\n/", "malformed"),
    ("https://hooks.example.com\\@127.0.0.1/", "userinfo"),
    ("https://hooks.example.com\\.a.com/", "malformed"),
    ("https://hooks.example.com/a\\b", "malformed"),
    ("https://hooks.example.com/a b", "malformed"),
    ("https://hooks.example.com/#a", "malformed"),
    ("https://hooks.example.com/?a#@127.0.0.1", "malformed"),
    ("https://hooks.example.com/%zz", "malformed"),
    ("https://hooks.example.com/\r\nHost: a", "malformed"),
    ("https://hooks.example.com:/", "malformed"),
    ("https://hooks.example.com:443:443/", "malformed"),
    ("https://hooks.example.com:+443/", "malformed"),
    ("https://hooks.example.com:４４３/", "malformed"),
    ("https://hooks..example.com/", "malformed"),
    ("https://hooks.example.com../", "malformed"),
    ("https://.example.com/", "malformed"),
    ("https://./", "malformed"),
    ("https://-a.example.com/", "malformed"),
    ("https://a_b.example.com/", "malformed"),
    ("https://%6cocalhost/", "malformed"),
    ("https://[::1/", "malformed"),
    ("https://[fe80::1%25eth0]/", "malformed"),
    ("https://[v1.a]/", "malformed"),
    ("https://::1/", "malformed"),
    ("https://ⓛocalhost/", "malformed"),
    ("https://１２７.0.0.1/", "malformed"),
    ("https://127。0。0。1/", "malformed"),
    ("https://bücher.example.com/", "malformed"),
    ("https://医院.中国/", "malformed"),
    ("https://hooks.example.com/医院", "malformed"),
    ("https://local\u00adhost/", "malformed"),
    (f"https://{'a' * 64}.example.com/", "malformed"),
    (f"https://{'a.' * 130}com/", "malformed"),
    (f"https://hooks.example.com/{'a' * 2048}", "malformed"),
]


def outcome(url: str, policy: Policy) -> str:
    """The URL as it is used, or code and reason of its refusal."""
    try:
        return check_url(url, policy).url
    except DestinationRefused as refused:
        return f"{refused.code}: {refused.reason}"


def test_refused_in_production() -> None:
    expected = {url: f"destination_refused: {reason}" for url, reason in REFUSED}
    assert {url: outcome(url, PRODUCTION) for url in expected} == expected


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Hooks.Example.COM", "https://hooks.example.com/"),
        ("HTTPS://hooks.example.com.:443/a?b=%2F&c", "https://hooks.example.com/a?b=%2F&c"),
        ("https://hooks.example.com:8443?x", "https://hooks.example.com:8443/?x"),
        ("https://hooks.example.com:0443/a/../b", "https://hooks.example.com/a/../b"),
        ("https://xn--fiq228c.example.com/", "https://xn--fiq228c.example.com/"),
        ("https://internal.example.com/?@", "https://internal.example.com/?@"),
        ("https://notnip.io/", "https://notnip.io/"),
        ("https://1.2.3.4.example.com/", "https://1.2.3.4.example.com/"),
    ],
)
def test_accepted_and_normalised(url: str, normal: str) -> None:
    destination = check_url(url, PRODUCTION)
    assert destination.url == normal
    assert check_url(normal, PRODUCTION) == destination


def test_loopback_accepts_inner_names_and_its_own_literals() -> None:
    expected = {
        "http://127.0.0.1:8080/a": "http://127.0.0.1:8080/a",
        "http://[0:0::1]:9/": "http://[::1]:9/",
        "https://127.9.9.9/": "https://127.9.9.9/",
        "http://localhost:80/": "http://localhost/",
        "http://anything.internal:1/": "http://anything.internal:1/",
    }
    assert {url: outcome(url, LOOPBACK) for url in expected} == expected


def test_loopback_refuses_other_literals_and_odd_spellings() -> None:
    expected = {
        "http://10.0.0.1/": "destination_refused: blocked_address",
        "http://8.8.8.8/": "destination_refused: blocked_address",
        "http://127.1/": "destination_refused: ip_literal",
        "http://[::ffff:127.0.0.1]/": "destination_refused: blocked_address",
        "http://0x7f000001/": "destination_refused: ip_literal",
        "http://169.254.169.254/": "destination_refused: blocked_address",
        "http://a@localhost/": "destination_refused: userinfo",
    }
    assert {url: outcome(url, LOOPBACK) for url in expected} == expected


def test_neither_the_error_nor_the_representation_tells_the_query() -> None:
    destination = check_url("https://hooks.example.com/path?token=hush", PRODUCTION)
    assert "hush" not in repr(destination)
    assert "path" not in destination.origin
    with pytest.raises(DestinationRefused) as refused:
        check_url("https://localhost/?token=hush", PRODUCTION)
    assert "hush" not in str(refused.value)


def _checked(url: str, policy: Policy) -> Destination | None:
    try:
        return check_url(url, policy)
    except DestinationRefused:
        return None


_PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "//",
        "/",
        "\\",
        "@",
        ":",
        "443",
        "8443",
        "[",
        "]",
        "::1",
        "127.0.0.1",
        "0x7f",
        "1",
        ".",
        "。",
        "hooks",
        "example.com",
        "localhost",
        "nip.io",
        "%",
        "%2e",
        "?",
        "#",
        " ",
        "\t",
        "\r\n",
        "\x00",
        "ⓛ",
        "ß",
        "-",
        "_",
    ]
)


@given(st.text() | st.lists(_PIECES, max_size=9).map("".join) | st.text().map("https://{}".format))
def test_any_text_is_accepted_or_refused(url: str) -> None:
    for policy in (PRODUCTION, LOOPBACK, Policy(allow_private=True)):
        destination = _checked(url, policy)
        assert destination is None or check_url(destination.url, policy) == destination


@given(st.lists(_PIECES, max_size=6).map(lambda pieces: "https://hooks.example.com" + "".join(pieces)))
def test_another_parser_reads_an_accepted_url_the_same_way(url: str) -> None:
    destination = _checked(url, PRODUCTION)
    if destination is not None:
        other = urlsplit(url)
        assert (other.hostname or "").removesuffix(".") == destination.host
        assert (other.port or 443, other.username) == (destination.port, None)
        assert destination.host.isascii() and "." in destination.host
