"""What an entry may say."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DataError

from app.core.ids import PublicId, new_id
from app.core.journal.record import Fact, Facts, Outgoing, open_chain, record
from app.core.scope import Scope
from app.core.unit import Unit, run
from tests.core.journal.scenes import BY, chain, rows, seal_all
from tests.platform import Platform, new_tenant
from tests.tables import let_through


def recorded(scope: Scope, **more: Any) -> None:
    given: dict[str, Any] = {"type": "note.sent", "version": 1, "facts": {}, "relays": []} | more

    def work(unit: Unit) -> None:
        about = PublicId("note", scope, new_id())
        record(unit, given["type"], about, given["version"], given["facts"], given["relays"])

    run(scope, work, BY)


@pytest.mark.parametrize("fact", [1.5, 0.0, None, {"a": 1}, b"a", [1, [2.0]], {1}, object()])
def test_other_kinds_of_facts_are_refused(platform: Platform, fact: Any) -> None:
    scope = new_tenant()
    with pytest.raises(TypeError):
        recorded(scope, facts={"fact": fact})
    assert seal_all(platform, scope) == 0


@pytest.mark.parametrize("fact", [2**53, -(2**53), [2**53]])
def test_integers_that_json_cannot_hold_exactly_are_refused(platform: Platform, fact: Any) -> None:
    with pytest.raises(ValueError, match="range"):
        recorded(new_tenant(), facts={"fact": fact})


def test_the_name_of_a_fact_is_a_text(platform: Platform) -> None:
    with pytest.raises(TypeError):
        recorded(new_tenant(), facts={1: 1})


def test_malformed_types_are_refused(platform: Platform) -> None:
    def relay(type: str) -> None:
        recorded(new_tenant(), relays=[Outgoing(new_tenant(), type, {})])

    types = ["", "note", "Note.sent", "note.", ".sent", "note.sent\n", "note sent", "note..sent"]
    assert let_through(lambda type: recorded(new_tenant(), type=type), types, match="thing") == set()
    assert let_through(relay, types, match="thing") == set()


@pytest.mark.parametrize("version", [0, -1, 2**53])
def test_versions_begin_with_one(platform: Platform, version: int) -> None:
    with pytest.raises(ValueError, match="version"):
        recorded(new_tenant(), version=version)
    with pytest.raises(ValueError, match="version"):
        recorded(new_tenant(), relays=[Outgoing(new_tenant(), "note.offered", {}, version)])


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_what_json_does_not_take_fails_its_own_unit(platform: Platform, text: str) -> None:
    scope = new_tenant()
    for facts in ({"fact": text}, {text: 1}):
        with pytest.raises(DataError):
            recorded(scope, facts=facts)
    assert seal_all(platform, scope) == 0


def note_of_nobody(unit: Unit) -> None:
    record(unit, "note.sent", PublicId("note", Scope.for_tenant(1), new_id()), 1, {})


@pytest.mark.parametrize("act", [open_chain, note_of_nobody])
def test_a_value_keyed_unit_writes_no_entry(platform: Platform, act: Callable[[Unit], None]) -> None:
    with pytest.raises(ValueError, match="value-keyed"):
        run(Scope.for_key("dummy_values", new_id()), act, BY)


def test_a_value_takes_no_relay(platform: Platform) -> None:
    with pytest.raises(ValueError, match="taken by"):
        recorded(new_tenant(), relays=[Outgoing(Scope.for_key("dummy_values", new_id()), "note.offered", {})])


def deep(levels: int) -> Fact:
    """Lists in each other."""
    value: Fact = 1
    for _ in range(levels):
        value = [value]
    return value


def test_what_can_be_recorded_can_be_sealed(platform: Platform) -> None:
    scope = new_tenant()
    facts: Facts = {
        "most": 2**53 - 1,
        "least": 1 - 2**53,
        "yes": True,
        "text": '甲\U0001f600"\\\u2028',
        "list": [1, ["a"]],
        "deep": deep(300),
    }
    recorded(scope, facts=facts)
    assert seal_all(platform, scope) == 1
    assert len(chain(platform, scope)) == 1


def test_the_payload_of_a_relay_is_nowhere_in_clear(platform: Platform) -> None:
    scope = new_tenant()
    recorded(scope, relays=[Outgoing(new_tenant(), "note.offered", {"words": "heartburn"})])
    waiting = rows(platform, "SELECT p::text FROM journal_pending p WHERE tenant_id = %s", scope.tenant)
    seal_all(platform, scope)
    kept = rows(platform, "SELECT payload FROM relays WHERE tenant_id = %s", scope.tenant)
    texts = [entry[4] for entry in chain(platform, scope)]
    assert len(waiting) == len(kept) == len(texts) == 1
    assert "heartburn" not in waiting[0][0] and b"heartburn".hex() not in waiting[0][0]
    assert b"heartburn" not in bytes(kept[0][0])
    assert "note.offered" not in texts[0]
