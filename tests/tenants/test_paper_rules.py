"""Which papers an organization needs, and what its licenses allow on a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import local_date
from tenants.rules import (
    ALLOWS,
    APPLICANTS,
    OPTIONAL,
    REQUIRED,
    SUBJECTS_NAMED,
    Capability,
    Document,
    Kind,
    Paper,
    capabilities,
    lacks,
    paper_faults,
    renewal_faults,
    subjects,
)
from tenants.states import LicenseState, may_become

DAY = date(2026, 3, 1)
ONE_DAY = timedelta(days=1)
KINDS = st.sampled_from(APPLICANTS)


def paper(kind: Document, until: date = DAY, number: str = "1", named: tuple[str, ...] = ("03",)) -> Paper:
    return Paper(kind, number, "卫健委", named if kind in SUBJECTS_NAMED else (), until)


def full(kind: Kind, until: date = DAY) -> list[Paper]:
    return [paper(group[0], until) for group in REQUIRED[kind]]


@st.composite
def shown(draw: st.DrawFn) -> list[Paper]:
    days = st.dates(DAY - timedelta(days=5), DAY + timedelta(days=5))
    return draw(st.lists(st.builds(paper, st.sampled_from(Document), days, st.sampled_from("12")), max_size=8))


@pytest.mark.parametrize(
    ("kind", "documents", "may"),
    [
        ("hospital", "medical_institution_license internet_hospital_license mlps_level_3",
         "see_in_person visit_online prescribe"),
        ("clinic", "clinic_filing", "see_in_person prescribe"),
        ("clinic", "medical_institution_license", "see_in_person prescribe"),
        ("family_doctor_team", "clinic_filing", "see_in_person prescribe"),
        ("pharmacy", "drug_supply_license online_sale_report", "supply_medicines sell_online"),
        ("insurer", "insurer_license", "insure"),
    ],
)  # fmt: skip
def test_what_each_kind_shows_and_may(kind: str, documents: str, may: str) -> None:
    papers = [paper(Document(name)) for name in documents.split()]
    assert lacks(Kind(kind), papers, DAY) == []
    assert list(paper_faults(Kind(kind), papers)) == []
    assert capabilities(papers, DAY) == {Capability(name) for name in may.split()}
    for missing in papers:
        rest = [one for one in papers if one is not missing]
        assert [(lack.rule, missing.kind in lack.documents) for lack in lacks(Kind(kind), rest, DAY)] == [
            ("document_missing", True)
        ]


@given(KINDS, st.integers(-400, 400))
def test_a_paper_holds_to_the_end_of_its_last_day(kind: Kind, days: int) -> None:
    papers, today = full(kind), DAY + days * ONE_DAY
    expired = {"document_expired"} if days > 0 else set()
    assert {lack.rule for lack in lacks(kind, papers, today)} == expired
    assert bool(capabilities(papers, today)) == (days <= 0)
    assert (subjects(papers, today) == set()) == (days > 0 or kind in (Kind.PHARMACY, Kind.INSURER))


@given(KINDS, shown())
def test_one_paper_more_never_lacks_more_nor_allows_less(kind: Kind, papers: list[Paper]) -> None:
    for one in papers:
        rest = [other for other in papers if other is not one]
        assert capabilities(rest, DAY) <= capabilities(papers, DAY)
        assert subjects(rest, DAY) <= subjects(papers, DAY)
        assert len(lacks(kind, papers, DAY)) <= len(lacks(kind, rest, DAY))


@given(shown())
def test_a_capability_rests_on_one_valid_paper_of_every_group(papers: list[Paper]) -> None:
    valid = {one.kind for one in papers if one.valid_until >= DAY}
    for capability, groups in ALLOWS.items():
        assert (capability in capabilities(papers, DAY)) == all(valid & set(group) for group in groups)


@given(shown())
def test_time_only_takes_away(papers: list[Paper]) -> None:
    for day in range(12):
        before, after = DAY + (day - 6) * ONE_DAY, DAY + (day - 5) * ONE_DAY
        assert capabilities(papers, after) <= capabilities(papers, before)
        assert subjects(papers, after) <= subjects(papers, before)


def test_an_expired_paper_beside_a_valid_one_lacks_nothing() -> None:
    papers = [paper(Document.INSURER_LICENSE, DAY - ONE_DAY), paper(Document.INSURER_LICENSE, number="2")]
    assert lacks(Kind.INSURER, papers, DAY) == []
    assert [lack.rule for lack in lacks(Kind.INSURER, papers[:1], DAY)] == ["document_expired"]


@pytest.mark.parametrize("kind", [Document.CLINIC_FILING, Document.MEDICAL_INSTITUTION_LICENSE])
def test_a_license_to_treat_names_subjects(kind: Document) -> None:
    unnamed = paper(kind, named=())
    assert [lack.rule for lack in lacks(Kind.CLINIC, [unnamed], DAY)] == ["subjects_missing"]
    assert [fault.rule for fault in renewal_faults(Kind.CLINIC, unnamed, DAY)] == ["subjects_missing"]


def test_subjects_of_papers_that_give_none_do_not_count() -> None:
    other = Paper(Document.MLPS_LEVEL_3, "1", "x", ("99",), DAY)
    assert subjects([other, paper(Document.CLINIC_FILING)], DAY) == {"03"}


@given(KINDS, shown())
def test_faults_name_every_foreign_and_every_doubled_paper(kind: Kind, papers: list[Paper]) -> None:
    allowed = OPTIONAL.get(kind, frozenset()).union(*REQUIRED[kind])
    keys = [(one.kind, one.number) for one in papers]
    expected = {
        (f"/documents/{at}/kind", "document_not_of_kind") for at, key in enumerate(keys) if key[0] not in allowed
    }
    expected |= {(f"/documents/{at}/number", "document_twice") for at, key in enumerate(keys) if keys.count(key) > 1}
    assert {(fault.pointer, fault.rule) for fault in paper_faults(kind, papers)} == expected


def test_a_renewal_says_each_thing_that_is_wrong() -> None:
    wrong = paper(Document.CLINIC_FILING, DAY - ONE_DAY, named=())
    found = {(fault.pointer, fault.rule) for fault in renewal_faults(Kind.PHARMACY, wrong, DAY)}
    assert found == {
        ("/kind", "document_not_of_kind"), ("/valid_until", "document_expired"), ("/subjects", "subjects_missing"),
    }  # fmt: skip
    assert list(renewal_faults(Kind.PHARMACY, paper(Document.DRUG_SUPPLY_LICENSE), DAY)) == []


@pytest.mark.parametrize(
    ("at", "local"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_days_are_those_of_china(at: datetime, local: date) -> None:
    assert local_date(at) == local


def test_a_license_goes_its_way_and_never_back() -> None:
    ways = {(one, two) for one in LicenseState for two in LicenseState if may_become(one, two)}
    assert ways == {
        (LicenseState.SUBMITTED, LicenseState.VALID), (LicenseState.SUBMITTED, LicenseState.REJECTED),
        (LicenseState.VALID, LicenseState.REPLACED), (LicenseState.VALID, LicenseState.REVOKED),
    }  # fmt: skip
