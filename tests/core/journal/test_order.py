"""In which order entries are sealed."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from app.core.journal.seal import in_order


@dataclass(frozen=True)
class Waiting:
    id: int
    subject: str
    subject_version: int


BATCHES = st.lists(
    st.builds(Waiting, st.integers(0, 10_000), st.sampled_from("abc"), st.integers(1, 8)),
    max_size=30,
    unique_by=lambda entry: entry.id,
)


@given(BATCHES)
def test_every_entry_once_and_each_subject_by_version(batch: list[Waiting]) -> None:
    ordered = in_order(batch)
    assert sorted(ordered, key=lambda entry: entry.id) == sorted(batch, key=lambda entry: entry.id)
    for subject in "abc":
        mine = [(entry.subject_version, entry.id) for entry in ordered if entry.subject == subject]
        assert mine == sorted(mine)


@given(BATCHES)
def test_each_subject_keeps_its_places_in_the_order_of_ids(batch: list[Waiting]) -> None:
    by_id = sorted(batch, key=lambda entry: entry.id)
    assert [entry.subject for entry in in_order(batch)] == [entry.subject for entry in by_id]


def test_a_higher_version_that_was_written_first_waits() -> None:
    late, early, other = Waiting(1, "a", 2), Waiting(3, "a", 1), Waiting(2, "b", 1)
    assert in_order([late, other, early]) == [early, other, late]
