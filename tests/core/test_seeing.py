"""Rows that are seen: as they were read, and written nowhere."""

from sqlalchemy import inspect, select

from app.core.ids import new_id
from app.core.seeing import seen
from app.core.unit import run, unit
from tests.dummy.models import Copy
from tests.platform import Platform, new_tenant

COPIES = Copy.__table__
NAMES = COPIES.columns.keys()


def test_a_row_that_is_seen_is_as_the_session_loads_it_and_is_written_nowhere(platform: Platform) -> None:
    scope, row = new_tenant(), Copy(id=new_id(), source="x", words="甲")
    run(scope, lambda opened: opened.add(row))
    with unit(scope) as opened:
        loaded = opened.get(Copy, row.id)
        assert loaded
        columns = opened.execute(select(COPIES).where(COPIES.c.tenant_id == scope.tenant)).one()
        found = seen(Copy, NAMES, columns)
        assert [getattr(found, name) for name in NAMES] == [getattr(loaded, name) for name in NAMES]
        found.words = "乙"
        assert found.words == "乙"
        assert inspect(found).transient
    with unit(scope) as opened:
        assert (kept := opened.get(Copy, row.id)) and kept.words == "甲"


def test_what_was_not_asked_for_is_none() -> None:
    found = seen(Copy, ("words",), ("甲",))
    assert {name: getattr(found, name) for name in ("words", "source")} == {"words": "甲", "source": None}
