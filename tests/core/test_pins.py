"""What is read off a statement, without a database."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, and_, bindparam, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.core.fragments import UnreadableStatement
from app.core.pins import Reading, read
from tests.dummy.models import Line, Note

DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]  # it carries no types
METADATA = MetaData()
CODES = Table("codes", METADATA, Column("code", Text, primary_key=True), info={"placement": "reference"})
FORGOTTEN = Table("forgotten", METADATA, Column("tenant_id", BigInteger, primary_key=True))


def reading(statement: Any) -> Reading:
    compiled = statement.compile(dialect=DIALECT)
    inner = compiled.compile_state.statement if compiled.compile_state else compiled.statement
    return read(inner, compiled.bind_names)


def test_each_occurrence_of_a_table_is_pinned_by_itself() -> None:
    both = and_(Line.tenant_id == Note.tenant_id, Line.note_id == Note.id)
    found = reading(select(Note, Line).join(Line, both).where(Note.tenant_id == 1))
    assert {pin.table.name for pin in found.owners} == {"dummy_notes", "dummy_lines"}
    assert not found.unpinned
    again = Note.__table__.alias()
    assert reading(select(Note, again).where(Note.tenant_id == 1)).unpinned == {Note.__table__}


def test_a_resident_is_asked_for_where_rows_are_a_residents_own() -> None:
    found = reading(select(Note, Line).where(Note.tenant_id == 1, Line.tenant_id == 1))
    assert found.unpinned_residents == {Note.__table__}
    assert reading(select(Note).where(Note.tenant_id == 1, Note.resident_id == None)).unpinned_residents  # noqa: E711  # SQLAlchemy's IS NULL
    pinned = reading(select(Note).where(tuple_(Note.id, Note.tenant_id, Note.resident_id).in_([])))
    assert [pin.place for pin in (*pinned.owners, *pinned.residents)] == [(1, 3), (2, 3)]


def test_reference_tables_are_free() -> None:
    for statement in (select(CODES), select(CODES.c.code, Note.id).where(Note.tenant_id == 1), insert(CODES)):
        found = reading(statement)
        assert not found.unpinned
        assert CODES not in found.tables


def test_a_table_of_unknown_placement_is_refused() -> None:
    for statement in (select(FORGOTTEN).where(FORGOTTEN.c.tenant_id == 1), insert(FORGOTTEN), update(FORGOTTEN)):
        with pytest.raises(UnreadableStatement, match="placement"):
            reading(statement)


def test_what_is_no_statement_on_tables_is_refused() -> None:
    with pytest.raises(UnreadableStatement, match="not built from tables"):
        read(CreateTable(CODES), {})


@pytest.mark.parametrize("name", ["set_config", "SET_CONFIG", "now", "clock_timestamp", "random", "gen_random_uuid"])
def test_functions_that_reach_around_the_unit_are_refused(name: str) -> None:
    with pytest.raises(UnreadableStatement, match="function"):
        reading(select(getattr(func, name)()))


@pytest.mark.parametrize("name", ["count", "max", "coalesce", "lower", "jsonb_array_length", "row_number"])
def test_ordinary_functions_are_not(name: str) -> None:
    assert not reading(select(getattr(func, name)(Note.words)).where(Note.tenant_id == 1)).unpinned


def test_a_named_parameter_is_a_pin_like_another() -> None:
    found = reading(select(Note).where(Note.tenant_id == bindparam("whose")))
    assert [pin.bind for pin in found.owners] == ["whose"]
