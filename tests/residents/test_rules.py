"""Names, documents, cards and contracts, without a database."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidInput, WrongState
from app.residents.rules.cards import CardKind, luhn, masked, parse_card
from app.residents.rules.consents import is_bounded
from app.residents.rules.contracts import Act, ContractState, last_day, moved, present_state
from app.residents.rules.documents import DocumentKind, Stated, is_name, read_claim
from app.residents.rules.identity_cards import Sex
from tests.residents.world import checked, new_bank_card, new_number
from tests.tables import let_through

TODAY = date(2026, 11, 22)
BORN = date(1990, 5, 1)


def refused(read: Callable[..., object], *given: object) -> tuple[str, ...]:
    """What the faults of a refusal point at; nothing where it is read."""
    try:
        read(*given)
    except InvalidInput as told:
        return tuple(fault.pointer for fault in told.faults)
    return ()


def test_names_are_kept_exactly() -> None:
    names = {
        "张三", "\U00020bb7野家", "\U0002b740", "\U0002ebf0\U00030000", "\U000323af", "买买提·吐尔逊", "阿卜杜拉・艾山",
        "古丽‧阿依", "Anne-Marie O’Neil", "Нина", "蒋", "葛\U000e0101", "José", "𪚥",
    }  # fmt: skip
    stated = {name: Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, new_number()) for name in names}
    assert {name: read_claim(one, TODAY).name for name, one in stated.items()} == {name: name for name in names}


def test_what_is_no_name() -> None:
    names = ["", "·", "123", "张三1", "张\ue000", "张\u200b三", "a<b>", "张;三", "张\n三", "\ufffd"]
    stated = {name: Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, new_number()) for name in names}
    assert {name for name in names if is_name(name)} == set()
    assert {name: refused(read_claim, one, TODAY) for name, one in stated.items()} == dict.fromkeys(names, ("/name",))


def test_the_number_says_birth_date_and_sex() -> None:
    stated = Stated("张三", DocumentKind.RESIDENT_IDENTITY_CARD, new_number(BORN, male=True))
    claim = read_claim(stated, TODAY)
    assert (claim.birth_date, claim.sex) == (BORN, Sex.MALE)
    again = Stated("张三", stated.kind, stated.number, BORN, Sex.MALE)
    assert set(refused(read_claim, again, TODAY)) == {"/birth_date", "/sex"}


def test_other_documents() -> None:
    documents = [
        (DocumentKind.PASSPORT, "E12345678"), (DocumentKind.PASSPORT, "ab 123456"),
        (DocumentKind.HK_MACAO_PERMIT, "H12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "M1234567801"), (DocumentKind.TAIWAN_PERMIT, "12345678"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, "USA310190050101"), (DocumentKind.BIRTH_CERTIFICATE, "R370000001"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, checked("91131019900501001")),
    ]  # fmt: skip
    claims = {one: read_claim(Stated("Anna", *one, BORN, Sex.FEMALE), TODAY) for one in documents}
    assert {one: (claim.number, claim.birth_date, claim.sex) for one, claim in claims.items()} == {
        (kind, number): (number.upper().replace(" ", ""), BORN, Sex.FEMALE) for kind, number in documents
    }


def test_numbers_of_no_document() -> None:
    documents = [
        (DocumentKind.PASSPORT, "E1"), (DocumentKind.PASSPORT, "E1234-678"),
        (DocumentKind.HK_MACAO_PERMIT, "T12345678"),
        (DocumentKind.TAIWAN_PERMIT, "1234567"), (DocumentKind.BIRTH_CERTIFICATE, "3700000011"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, "9113101990050100" + "19"),
        (DocumentKind.TAIWAN_PERMIT, "H12345678"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, checked("91131019901301001")),
    ]  # fmt: skip
    found = {one: refused(read_claim, Stated("Anna", *one, BORN, Sex.FEMALE), TODAY) for one in documents}
    assert found == dict.fromkeys(documents, ("/number",))


@pytest.mark.parametrize("born", [None, TODAY + timedelta(days=1), date(1850, 1, 1)])
def test_other_documents_say_birth_date_and_sex(born: date | None) -> None:
    stated = Stated("Anna", DocumentKind.PASSPORT, "E12345678", born, None)
    assert set(refused(read_claim, stated, TODAY)) == {"/birth_date", "/sex"}


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (CardKind.SOCIAL_SECURITY_CARD, "a1234 5678", "A12345678"),
        (CardKind.HEALTH_CARD, "5301-0012-3456", "530100123456"),
        (CardKind.CITIZEN_CARD, "Ａ１２３４５６", "A123456"),
        (CardKind.BANK_CARD, "6222 0212 3456 7894", "6222021234567894"),
    ],
)  # fmt: skip
def test_cards_are_kept_in_one_form(kind: CardKind, typed: str, kept: str) -> None:
    assert parse_card(kind, typed).number == kept


def test_what_is_no_card() -> None:
    expected = {
        (CardKind.BANK_CARD, "6222021234567893", None): ("/number",),
        (CardKind.HEALTH_CARD, "12345", None): ("/number",), (CardKind.HEALTH_CARD, "1" * 33, None): ("/number",),
        (CardKind.CITIZEN_CARD, "12/34/56", None): ("/number",),
        (CardKind.SOCIAL_SECURITY_CARD, "A123456", None): ("/number",),
        (CardKind.HOSPITAL_CARD, "00012345", None): ("/issuer",),
        (CardKind.BANK_CARD, "6222021234567894", 7): ("/issuer",),
    }  # fmt: skip
    assert {card: refused(parse_card, *card) for card in expected} == expected


def test_two_hospitals_may_count_alike() -> None:
    values = {parse_card(CardKind.HOSPITAL_CARD, "00012345", issuer).value for issuer in (7, 8, 7)}
    assert len(values) == 2


@given(st.integers(0, 14), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_bank_card_is_found(place: int, other: str) -> None:
    number = new_bank_card()
    assert luhn(number)
    assert luhn(number[:place] + other + number[place + 1 :]) is (number[place] == other)


@given(st.text("0123456789X", min_size=5, max_size=32))
def test_most_of_a_number_stays_hidden(number: str) -> None:
    shown = masked(number)
    ending = shown.lstrip("*")
    assert len(shown) == len(number)
    assert number.endswith(ending)
    assert 1 <= len(ending) <= min(4, len(number) // 3)


REQUESTED, ACTIVE, EXPIRED = ContractState.REQUESTED, ContractState.ACTIVE, ContractState.EXPIRED
ALLOWED = {
    (REQUESTED, Act.ACCEPT): ACTIVE,
    (REQUESTED, Act.DECLINE): ContractState.DECLINED,
    (REQUESTED, Act.LEAVE): ContractState.ENDED,
    (ACTIVE, Act.END): ContractState.ENDED,
    (ACTIVE, Act.LEAVE): ContractState.ENDED,
    (EXPIRED, Act.EXPIRE): EXPIRED,
}


def test_moves_of_a_contract() -> None:
    assert {(present, act): moved(present, act) for present, act in ALLOWED} == ALLOWED
    others = set(product(ContractState, Act)) - ALLOWED.keys()
    assert let_through(lambda cell: moved(*cell), others, WrongState) == set()


@pytest.mark.parametrize(
    ("today", "ends_on", "bounded"),
    [
        (date(2027, 3, 1), date(2027, 2, 28), False), (date(2027, 3, 1), date(2027, 3, 1), True),
        (date(2027, 3, 1), date(2029, 3, 1), True), (date(2027, 3, 1), date(2029, 3, 2), False),
        (date(2028, 2, 29), date(2030, 2, 28), True), (date(2028, 2, 29), date(2030, 3, 1), False),
    ],
)  # fmt: skip
def test_a_consent_lasts_two_years_of_the_calendar(today: date, ends_on: date, bounded: bool) -> None:
    assert is_bounded(ends_on, today) is bounded


def test_only_an_active_contract_expires() -> None:
    same = {state: state for state in ContractState}
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    assert {state: present_state(state, yesterday, TODAY) for state in same} == {**same, ACTIVE: EXPIRED}
    for ends in (TODAY, tomorrow, None):
        assert {state: present_state(state, ends, TODAY) for state in same} == same


@pytest.mark.parametrize(
    ("starts", "years", "ends"),
    [
        (date(2026, 11, 22), 1, date(2027, 11, 21)), (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)), (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2026, 1, 1), 3, date(2028, 12, 31)),
    ],
)  # fmt: skip
def test_last_days(starts: date, years: int, ends: date) -> None:
    assert last_day(starts, years) == ends


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 3))
def test_a_term_followed_by_the_same_leaves_no_gap(starts: date, years: int) -> None:
    following = last_day(starts, years) + timedelta(days=1)
    assert (following.month, following.day) in {(starts.month, starts.day), (3, 1)}
    assert following.year == starts.year + years
