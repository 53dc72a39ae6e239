"""What proves that a webhook is the gateway's, and everything that does not."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.gateway import WebhookSignatureInvalid, verify_webhook
from tests.payments.gateway.signing import AT, NOW, OLD, PAYLOAD, SECRET, header, mark

MALFORMED = {
    "empty": "",
    "a comma": ",",
    "no value": "t",
    "empty time": "t=",
    "time only": f"t={AT}",
    "signature only": f"v1={mark()}",
    "no comma": f"t={AT}v1={mark()}",
    "semicolon": f"t={AT};v1={mark()}",
    "only an older scheme": f"t={AT},v0={mark()}",
    "empty signature": f"t={AT},v1=",
    "not hex": f"t={AT},v1=zz{mark()[2:]}",
    "too short": f"t={AT},v1={mark()[:-1]}",
    "too long": f"t={AT},v1={mark()}0",
    "upper case": f"t={AT},v1={mark().upper()}",
    "a space after the comma": f"t={AT}, v1={mark()}",
    "a space in front": f" t={AT},v1={mark()}",
    "a comma at the end": f"t={AT},v1={mark()},",
    "two times": f"t={AT},t={AT},v1={mark()}",
    "two different times": f"t={AT - 400},t={AT},v1={mark()}",
    "not a number": f"t=nan,v1={mark(at='nan')}",
    "infinite": f"t=inf,v1={mark(at='inf')}",
    "before 1970": f"t=-{AT},v1={mark(at=-AT)}",
    "a fraction": f"t={AT}.5,v1={mark(at=f'{AT}.5')}",
    "hexadecimal": f"t=0x{AT:x},v1={mark(at=hex(AT))}",
    "an underscore": f"t=1_7{'0' * 8},v1={mark()}",
    "padded with zeros": f"t={AT:020d},v1={mark(at=f'{AT:020d}')}",
    "digits of another script": "t=١٧٧٢٣٥٢٠٠٠,v1=" + mark(),
    "a line break": f"t={AT},v1={mark()}\n",
    "no text": f"t={AT},v1=\udcff{mark()[1:]}",
    "a huge time": "t=" + "9" * 5000 + f",v1={mark()}",
    "a thousand signatures": f"t={AT}," + ",".join(["v1=" + "0" * 64] * 1000) + f",v1={mark()}",
    "nine signatures": f"t={AT}," + ",".join(["v1=" + "0" * 64] * 8) + f",v1={mark()}",
    "ten million commas": "," * 10_000_000,
    "two million times": "t=1," * 2_000_000,
}


def test_while_a_secret_is_replaced_both_serve() -> None:
    for secret in (SECRET, OLD):
        verify_webhook(PAYLOAD, header(secret=secret), [SECRET, OLD], now=NOW)
    both = f"{header()},v1={mark(secret=OLD)}"
    verify_webhook(PAYLOAD, both, [OLD], now=NOW)
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(PAYLOAD, header(secret=OLD), [SECRET], now=NOW)


@pytest.mark.parametrize("skew", [-300, -299, 0, 299, 300])
def test_clocks_may_differ_by_the_tolerance(skew: int) -> None:
    verify_webhook(PAYLOAD, header(at=AT + skew), [SECRET], now=NOW)


@pytest.mark.parametrize("skew", [-86_400, -301, 301, 86_400])
def test_a_replay_of_old_or_a_date_ahead_is_refused(skew: int) -> None:
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(PAYLOAD, header(at=AT + skew), [SECRET], now=NOW)


def test_the_tolerance_is_the_callers() -> None:
    late = NOW + timedelta(seconds=11)
    verify_webhook(PAYLOAD, header(), [SECRET], tolerance_seconds=11, now=late)
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(PAYLOAD, header(), [SECRET], tolerance_seconds=10, now=late)


@pytest.mark.parametrize("secrets", [[], [""], [" "], [SECRET, ""], ["\t\n"], ()])
def test_without_a_secret_nothing_is_proven(secrets: list[str]) -> None:
    for signed_with in ("", " ", SECRET):
        with pytest.raises(WebhookSignatureInvalid):
            verify_webhook(PAYLOAD, header(secret=signed_with), secrets, now=NOW)


def test_a_single_text_is_no_list_of_secrets() -> None:
    with pytest.raises(TypeError):
        verify_webhook(PAYLOAD, header(secret="w"), SECRET, now=NOW)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        verify_webhook(PAYLOAD, header(), [SECRET], now=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "forged",
    [
        PAYLOAD.replace(b"1000", b"9000"),
        PAYLOAD + b" ",
        json.dumps(json.loads(PAYLOAD), indent=1).encode(),
        b"",
    ],
)
def test_a_changed_body_is_refused(forged: bytes) -> None:
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(forged, header(), [SECRET], now=NOW)


def test_a_malformed_header_is_refused_in_bounded_time() -> None:
    def slow_or_taken(name: str) -> bool:
        begun = time.perf_counter()
        try:
            verify_webhook(PAYLOAD, MALFORMED[name], [SECRET, OLD], now=NOW)
        except WebhookSignatureInvalid:
            return time.perf_counter() - begun >= 1
        return True

    assert {name for name in MALFORMED if slow_or_taken(name)} == set()


def test_a_body_beyond_the_limit_is_refused_in_bounded_time() -> None:
    huge = b" " * 50_000_000
    begun = time.perf_counter()
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(huge, header(), [SECRET], now=NOW)
    assert time.perf_counter() - begun < 1


ITEMS = st.one_of(
    st.sampled_from([f"t={AT}", "t=", "t=NaN", "v1=" + "0" * 64, "v1", "v0=1", f"v0={mark()}", "=", "", " "]),
    st.text(max_size=80),
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(ITEMS, max_size=20).map(",".join)))
def test_no_invented_header_is_proof(invented: str) -> None:
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(PAYLOAD, invented, [SECRET], now=NOW)


@settings(max_examples=300, deadline=None)
@given(
    place=st.integers(0, len(header()) - 1),
    put=st.text(max_size=3),
    cut=st.integers(0, 3),
)
def test_a_damaged_header_is_proof_only_if_the_damage_is_none(place: int, put: str, cut: int) -> None:
    good = header()
    damaged = good[:place] + put + good[place + cut :]
    if damaged == good:
        verify_webhook(PAYLOAD, damaged, [SECRET], now=NOW)
        return
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(PAYLOAD, damaged, [SECRET], now=NOW)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, len(PAYLOAD) - 1), bit=st.integers(0, 7))
def test_no_changed_bit_of_the_body_passes(place: int, bit: int) -> None:
    changed = bytearray(PAYLOAD)
    changed[place] ^= 1 << bit
    with pytest.raises(WebhookSignatureInvalid):
        verify_webhook(bytes(changed), header(), [SECRET], now=NOW)
