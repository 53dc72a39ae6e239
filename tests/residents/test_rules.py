"""Names, documents, cards and contracts, without a database."""

from datetime import date, timedelta

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

TODAY = date(2026, 11, 22)
BORN = date(1990, 5, 1)


@pytest.mark.parametrize(
    "name",
    [
        "张三", "\U00020bb7野家", "\U0002b740", "\U0002ebf0\U00030000", "\U000323af", "买买提·吐尔逊", "阿卜杜拉・艾山",
        "古丽‧阿依", "Anne-Marie O’Neil", "Нина", "蒋", "葛\U000e0101", "José", "𪚥",
    ],
)  # fmt: skip
def test_names_are_kept_exactly(name: str) -> None:
    claim = read_claim(Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, new_number()), TODAY)
    assert claim.name == name


@pytest.mark.parametrize(
    "name", ["", "·", "123", "张三1", "张\ue000", "张\u200b三", "a<b>", "张;三", "张\n三", "\ufffd"]
)
def test_what_is_no_name(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(InvalidInput) as refused:
        read_claim(Stated(name, DocumentKind.RESIDENT_IDENTITY_CARD, new_number()), TODAY)
    assert [fault.pointer for fault in refused.value.faults] == ["/name"]


def test_the_number_says_birth_date_and_sex() -> None:
    stated = Stated("张三", DocumentKind.RESIDENT_IDENTITY_CARD, new_number(BORN, male=True))
    claim = read_claim(stated, TODAY)
    assert (claim.birth_date, claim.sex) == (BORN, Sex.MALE)
    with pytest.raises(InvalidInput) as refused:
        read_claim(Stated("张三", stated.kind, stated.number, BORN, Sex.MALE), TODAY)
    assert {fault.pointer for fault in refused.value.faults} == {"/birth_date", "/sex"}


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (DocumentKind.PASSPORT, "E12345678"), (DocumentKind.PASSPORT, "ab 123456"),
        (DocumentKind.HK_MACAO_PERMIT, "H12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "M1234567801"), (DocumentKind.TAIWAN_PERMIT, "12345678"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, "USA310190050101"), (DocumentKind.BIRTH_CERTIFICATE, "R370000001"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, checked("91131019900501001")),
    ],
)  # fmt: skip
def test_other_documents(kind: DocumentKind, number: str) -> None:
    claim = read_claim(Stated("Anna", kind, number, BORN, Sex.FEMALE), TODAY)
    assert claim.number == number.upper().replace(" ", "")
    assert (claim.birth_date, claim.sex) == (BORN, Sex.FEMALE)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (DocumentKind.PASSPORT, "E1"), (DocumentKind.PASSPORT, "E1234-678"),
        (DocumentKind.HK_MACAO_PERMIT, "T12345678"),
        (DocumentKind.TAIWAN_PERMIT, "1234567"), (DocumentKind.BIRTH_CERTIFICATE, "3700000011"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, "9113101990050100" + "19"),
        (DocumentKind.TAIWAN_PERMIT, "H12345678"),
        (DocumentKind.FOREIGN_PERMANENT_RESIDENT, checked("91131019901301001")),
    ],
)  # fmt: skip
def test_numbers_of_no_document(kind: DocumentKind, number: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_claim(Stated("Anna", kind, number, BORN, Sex.FEMALE), TODAY)
    assert [fault.pointer for fault in refused.value.faults] == ["/number"]


@pytest.mark.parametrize("born", [None, TODAY + timedelta(days=1), date(1850, 1, 1)])
def test_other_documents_say_birth_date_and_sex(born: date | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_claim(Stated("Anna", DocumentKind.PASSPORT, "E12345678", born, None), TODAY)
    assert {fault.pointer for fault in refused.value.faults} == {"/birth_date", "/sex"}


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


@pytest.mark.parametrize(
    ("kind", "typed", "issuer", "pointer"),
    [
        (CardKind.BANK_CARD, "6222021234567893", None, "/number"), (CardKind.HEALTH_CARD, "12345", None, "/number"),
        (CardKind.HEALTH_CARD, "1" * 33, None, "/number"), (CardKind.SOCIAL_SECURITY_CARD, "A123456", None, "/number"),
        (CardKind.HOSPITAL_CARD, "00012345", None, "/issuer"), (CardKind.BANK_CARD, "6222021234567894", 7, "/issuer"),
        (CardKind.CITIZEN_CARD, "12/34/56", None, "/number"),
    ],
)  # fmt: skip
def test_what_is_no_card(kind: CardKind, typed: str, issuer: int | None, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_card(kind, typed, issuer)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


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


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("present", ContractState)
def test_moves_of_a_contract(present: ContractState, act: Act) -> None:
    if (present, act) in ALLOWED:
        assert moved(present, act) is ALLOWED[present, act]
    else:
        with pytest.raises(WrongState):
            moved(present, act)


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


@pytest.mark.parametrize("stored", ContractState)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_only_an_active_contract_expires(stored: ContractState, days: int) -> None:
    ends = TODAY + timedelta(days=days)
    over = stored is ACTIVE and days < 0
    assert present_state(stored, ends, TODAY) is (EXPIRED if over else stored)
    assert present_state(stored, None, TODAY) is stored


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
