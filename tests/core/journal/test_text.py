"""The canonical text and its hash, computed a second time by other means."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.journal.record import GENESIS
from app.core.journal.text import Written, canonical, digest, instant

FACTS = st.dictionaries(
    st.text("abcdefgh_", min_size=1),
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.lists(st.integers(0, 9)),
)
AT = datetime(2026, 3, 1, 8, 0, 0, 120, tzinfo=timezone(timedelta(hours=8)))


def written(facts: dict[str, object]) -> Written:
    return Written("id-1", "tenant:7", AT, "staff:a", "req-1", "note.sent", "note_1", 3, facts)


@given(FACTS)
def test_text_is_sorted_compact_json_of_everything_that_was_written(facts: dict[str, object]) -> None:
    expected = {
        "actor": "staff:a", "at": "2026-03-01T00:00:00.000120Z", "facts": facts, "id": "id-1", "previous": GENESIS,
        "request": "req-1", "scope": "tenant:7", "seq": 1, "subject": {"id": "note_1", "version": 3},
        "type": "note.sent", "v": 1,
    }  # fmt: skip
    text = canonical(written(facts), 1, GENESIS)
    assert text == json.dumps(expected, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_every_part_changes_the_hash() -> None:
    base = written({"a": 1})
    changed: list[dict[str, Any]] = [
        {"id": "x"}, {"scope": "x"}, {"at": AT + timedelta(microseconds=1)}, {"actor": "x"}, {"request_id": "x"},
        {"type": "x.y"}, {"subject": "x"}, {"subject_version": 4}, {"facts": {"a": 2}}, {"roles": ("nurse",)},
    ]  # fmt: skip
    texts = [canonical(base, 1, GENESIS), canonical(base, 2, GENESIS), canonical(base, 1, "f" * 64)]
    texts += [canonical(Written(**{**vars(base), **change}), 1, GENESIS) for change in changed]
    assert len({digest(text) for text in texts}) == len(texts)


def test_an_instant_is_utc_with_microseconds() -> None:
    assert instant(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
