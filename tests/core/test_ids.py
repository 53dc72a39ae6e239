"""Public ids: one row, one spelling."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import MalformedId, PublicId, new_id
from app.core.scope import MAX_TENANT, Scope
from tests.tables import let_through

ID = uuid.UUID("01890000-0000-7000-8000-000000000001")
scopes = st.integers(1, MAX_TENANT).map(Scope.for_tenant) | st.uuids().map(Scope.for_person)


def encoded(raw: bytes) -> str:
    return base64.b32hexencode(raw).decode().rstrip("=").lower()


@given(scopes, st.uuids())
def test_an_id_is_read_back_as_it_was_written(scope: Scope, row: uuid.UUID) -> None:
    public = PublicId("note", scope, row)
    assert PublicId.parse(str(public), "note") == public


@given(st.text(max_size=80) | st.from_regex(r"\Anote_[0-9a-v]{1,64}\Z"))
def test_what_is_read_is_exactly_what_is_written(text: str) -> None:
    try:
        known = PublicId.parse(text, "note")
    except MalformedId:
        return
    assert str(known) == text


GOOD = str(PublicId("note", Scope.for_tenant(7), ID))


def test_another_spelling_names_nothing() -> None:
    texts = [
        "", "note", "note_", GOOD + "\n", " " + GOOD, GOOD.upper(), GOOD + "0", GOOD[:-1], GOOD + "=", "x" + GOOD,
        f"note_{encoded((7).to_bytes(8, 'big'))}",
        f"note_{encoded(ID.bytes)}",
        f"note_{encoded((0).to_bytes(8, 'big') + ID.bytes)}",
        f"note_{encoded((MAX_TENANT + 1).to_bytes(8, 'big') + ID.bytes)}",
        f"note_{encoded((7).to_bytes(9, 'big') + ID.bytes)}",
        f"note_{encoded((7).to_bytes(8, 'big') + ID.bytes + b'x')}",
        GOOD.replace("note_", "copy_"),
        "note_" + "w" * 39,
        "note_" + "0" * 65,
    ]  # fmt: skip
    assert let_through(lambda text: PublicId.parse(text, "note"), texts, MalformedId) == set()


def test_spare_bits_at_the_end_are_not_ignored() -> None:
    """24 bytes are 39 characters with 3 bits to spare: eight spellings would mean the same bytes."""
    last = "0123456789abcdefghijklmnopqrstuv".index(GOOD[-1])
    spellings = {GOOD[:-1] + "0123456789abcdefghijklmnopqrstuv"[(last & ~7) | bits] for bits in range(8)}
    readable = []
    for text in spellings:
        try:
            readable.append(str(PublicId.parse(text, "note")))
        except MalformedId:
            continue
    assert readable == [GOOD]


def test_a_key_scope_has_no_public_id() -> None:
    with pytest.raises(ValueError, match="person"):
        str(PublicId("note", Scope.for_key("logins", ID), ID))


def test_new_ids_are_uuids_of_version_7_in_order() -> None:
    made = [new_id() for _ in range(2000)]
    assert all(one.version == 7 and type(one) is uuid.UUID for one in made)
    assert made == sorted(set(made))
