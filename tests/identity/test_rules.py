"""The pure parts: numbers, codes and how often one is sent."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.core.ports import Message
from app.identity.connectors.sms_texts import text_of
from app.identity.devices.rules import LONGEST_NAME, browser_name
from app.identity.factors.rules import methods_of
from app.identity.phones import parse_code, parse_phone
from app.identity.rules import CODE_TEMPLATE, seconds_to_wait, sends_with
from tests.tables import let_through

NOW = 1_800_000_000


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_numbers() -> None:
    expected = {
        "13912345678": "+8613912345678",
        " 139 1234 5678 ": "+8613912345678",
        "139-1234-5678": "+8613912345678",
        "+86 139 1234 5678": "+8613912345678",
        "008613912345678": "+8613912345678",
        "１３９１２３４５６７８": "+8613912345678",
        "＋８６１３９１２３４５６７８": "+8613912345678",
        "139\u30001234\u00a05678": "+8613912345678",
        "+1 (415) 555-0100": "+14155550100",
        "+852 6123 4567": "+85261234567",
        "00447700900123": "+447700900123",
    }
    assert {typed: parse_phone(typed) for typed in expected} == expected


def test_what_is_no_number() -> None:
    typed = [
        "", "1", "12345678901", "1391234567", "139123456789", "+8610812345678", "+861391234567", "+86", "+0123456789",
        "+1234567890123456", "abc", "+86139١٢٣٤٥٦٧٨", "139123a5678", "13912345678;", "+", "00", "8613912345678", "-",
    ]  # fmt: skip
    assert let_through(parse_phone, typed, match="Not a mobile number") == set()


@given(st.text(max_size=40))
def test_a_number_that_is_taken_is_canonical(typed: str) -> None:
    try:
        kept = parse_phone(typed)
    except ValueError:
        return
    assert kept.isascii()
    assert parse_phone(kept) == kept


def test_codes() -> None:
    expected = {"012345": "012345", "０１２３４５": "012345", " 012 345": "012345"}
    assert {typed: parse_code(typed) for typed in expected} == expected


def test_what_is_no_code() -> None:
    typed = ["", "12345", "1234567", "١٢٣٤٥٦", "12345a"]
    assert let_through(parse_code, typed, match="six digits") == set()


def test_waiting() -> None:
    expected = {
        (): 0,
        (0,): 60,
        (59,): 1,
        (60,): 0,
        (3599, 300, 200, 100, 61): 1,
        (3600, 300, 200, 100, 61): 0,
        (3000, 300, 200, 100, 10): 600,
        (86399, 20000, 19000, 18000, 17000, 16000, 15000, 14000, 13000, 12000): 1,
        (86400, 20000, 19000, 18000, 17000, 16000, 15000, 14000, 13000, 12000): 0,
    }
    assert {ago: seconds_to_wait([NOW - seconds for seconds in ago], at(NOW)) for ago in expected} == expected


@given(st.lists(st.integers(0, 7200), max_size=60))
def test_no_window_ever_holds_too_many(pauses: list[int]) -> None:
    sends: list[int] = []
    everything: list[int] = []
    now = NOW
    for pause in pauses:
        now += pause
        if not seconds_to_wait(sends, at(now)):
            sends = sends_with(sends, at(now))
            everything.append(now)
    for start in everything:
        for window, most in ((60, 1), (3600, 5), (86400, 10)):
            assert sum(start <= sent < start + window for sent in everything) <= most
    assert len(sends) <= 10


def test_the_message_speaks_the_language_that_it_is_asked_for() -> None:
    for locale, word in (("zh-CN", "验证码"), ("en", "sign-in code")):
        text = text_of(Message(CODE_TEMPLATE, locale, {"code": "123456"}))
        assert "123456" in text and word in text
        assert text.isascii() is (locale == "en")


def test_by_which_methods_somebody_signed_in() -> None:
    expected = {
        ("sms",): ("sms",),
        ("pwd",): ("pwd",),
        ("sms", "otp"): ("otp", "sms"),
        ("sms", "kba"): ("kba", "sms"),
        ("pwd", "otp"): ("mfa", "otp", "pwd"),
        ("sms", "pwd"): ("mfa", "pwd", "sms"),
    }
    assert {shown: methods_of(list(shown)) for shown in expected} == expected


def test_how_a_browser_stands_in_the_list_of_devices() -> None:
    expected = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36": "Chrome · Windows",
        "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0": "Edge · Windows",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1": "Safari · iPhone",
        "Mozilla/5.0 (Linux; Android 14) Chrome/116.0 MicroMessenger/8.0": "微信 WeChat · Android",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": "Firefox · Linux",
        "python-requests/2": "浏览器 Browser",
    }
    assert {user_agent: browser_name(user_agent) for user_agent in expected} == expected
    assert {name for name in expected.values() if len(name) > LONGEST_NAME} == set()
