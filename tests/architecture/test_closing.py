"""Nothing is forgotten when an account is erased: every table about somebody is erased, or kept by a rule with a
name.
"""

from app.core.db import Placement, placement_of
from app.factory import SLICES
from app.models import metadata
from tests.architecture.test_exports import ours

ERASED = {table: one.name for one in SLICES if one.closing for table in one.closing.erased}
KEPT = {table: rule for one in SLICES if one.closing for table, rule in one.closing.kept.items()}


def test_every_table_about_somebody_is_erased_or_kept_by_a_rule() -> None:
    missing = sorted(ours() - set(ERASED) - set(KEPT))
    assert missing == [], "say in the closing.py of its slice that it is erased, or by which rule it is kept"


def test_no_table_is_both_and_every_name_is_one() -> None:
    assert set(ERASED) & set(KEPT) == set()
    assert set(ERASED) | set(KEPT) <= ours()


def test_every_slice_has_its_part() -> None:
    assert [one.name for one in SLICES if one.closing is None] == []


def test_what_is_erased_may_be_deleted() -> None:
    """In persons' scopes by the one statement for all; elsewhere by the slice's own."""
    stuck = [name for name in sorted(ERASED) if "DELETE" not in metadata.tables[name].info["grants"]["app"]]
    assert stuck == []


def test_everything_of_a_persons_own_is_erased_but_what_a_rule_keeps() -> None:
    of_persons = {table.name for table in metadata.sorted_tables if placement_of(table) is Placement.PERSON}
    assert of_persons & set(KEPT) == {
        "accesses", "care_looks", "erasures", "person_idempotency_keys", "person_journal",
        "person_journal_checkpoints", "person_journal_heads", "person_journal_pending", "person_relay_inbox",
        "person_relays", "persons", "representations", "represented",
    }  # fmt: skip
