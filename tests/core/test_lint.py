"""Each rule of the schema lint with a table that breaks it, and the real schema, which breaks none."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

import app.models
from app.core.lint import complaints
from tests.dummy import models as dummy


def tenant() -> Column[Any]:
    return Column("tenant_id", BigInteger, primary_key=True, autoincrement=False)


def row(name: str = "id") -> Column[Any]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def table(*items: Any, name: str = "bad", into: MetaData | None = None, **info: Any) -> MetaData:
    metadata = into if into is not None else MetaData()
    known = {"placement": "tenant", "resident_view": "none", "grants": {"app": "SELECT"}}
    Table(name, metadata, *items, info=known | info)
    return metadata


def two(*items: Any, **info: Any) -> MetaData:
    """A good tenant's table `parents`, and a table `bad` beside it."""
    return table(*items, into=table(tenant(), row(), name="parents"), **info)


def reference(*items: Any, **info: Any) -> MetaData:
    known = {"placement": "reference", "reference_reason": "codes of the law, the same for all"}
    return table(*items, **(known | info))


BAD: dict[str, tuple[MetaData, str]] = {
    "no placement": (table(tenant(), row(), placement=None), "no placement declared"),
    "no owner": (table(row()), "tenant_id is missing or may be null"),
    "no person": (table(tenant(), row(), placement="person"), "person_id is missing or may be null"),
    "no key": (table(tenant(), row(), placement="key"), "key is missing or may be null"),
    "nullable owner": (table(Column("tenant_id", BigInteger), row()), "tenant_id is missing or may be null"),
    "key begins elsewhere": (table(row(), tenant()), "primary key does not begin with tenant_id"),
    "unique without owner": (
        table(tenant(), row(), Column("a", Text), UniqueConstraint("a", name="u")),
        "unique key u lacks tenant_id",
    ),
    "unique index without owner": (
        table(tenant(), row(), Column("a", Text), Index("u", "a", unique=True)),
        "unique key u lacks tenant_id",
    ),
    "exclusion without owner": (
        table(tenant(), row(), Column("a", Text), ExcludeConstraint(("a", "="), name="u")),
        "unique key u lacks tenant_id",
    ),
    "foreign key on the id": (
        two(tenant(), row(), Column("p", BigInteger), ForeignKeyConstraint(["p"], ["parents.id"])),
        "foreign key to parents leaves the tenant",
    ),
    "foreign key crossed": (
        two(
            tenant(),
            row(),
            Column("p", BigInteger),
            ForeignKeyConstraint(["p", "tenant_id"], ["parents.tenant_id", "parents.id"]),
        ),
        "foreign key to parents leaves the tenant",
    ),
    "foreign key out of the family": (
        two(
            Column("person_id", BigInteger, primary_key=True, autoincrement=False),
            row(),
            ForeignKeyConstraint(["person_id", "id"], ["parents.tenant_id", "parents.id"]),
            placement="person",
        ),
        "foreign key to parents leaves the person",
    ),
    "set null": (
        two(
            tenant(),
            row(),
            ForeignKeyConstraint(["tenant_id", "id"], ["parents.tenant_id", "parents.id"], ondelete="SET NULL"),
        ),
        "foreign key to parents: ON DELETE SET NULL",
    ),
    "identity": (table(tenant(), Column("id", BigInteger, Identity(), primary_key=True)), "id: numbers come from"),
    "sequence": (table(tenant(), Column("id", BigInteger, Sequence("s"), primary_key=True)), "id: numbers come from"),
    "serial": (table(Column("tenant_id", Integer, primary_key=True)), "tenant_id: numbers come from"),
    "server default": (table(tenant(), row(), Column("a", Text, server_default=text("now()"))), "a: values come from"),
    "on update": (table(tenant(), row(), Column("a", Text, onupdate="x")), "a: values come from"),
    "own without resident": (table(tenant(), row(), resident_view="own"), "there is no resident_id"),
    "own without index": (
        table(tenant(), row(), Column("resident_id", Text), resident_view="own"),
        "no index begins with (tenant_id, resident_id)",
    ),
    "reference without reason": (reference(row(), reference_reason=""), "gives no reason"),
    "reference without key": (reference(Column("a", Text)), "no primary key"),
    "reference that points at a tenant's": (
        table(
            row(),
            Column("t", BigInteger),
            ForeignKeyConstraint(["t", "id"], ["parents.tenant_id", "parents.id"]),
            into=table(tenant(), row(), name="parents"),
            placement="reference",
            reference_reason="x",
        ),
        "a reference table points at a walled one",
    ),
    "truncate": (table(tenant(), row(), grants={"app": "SELECT, TRUNCATE"}), "app has a privilege"),
    "all": (table(tenant(), row(), grants={"sealer": "ALL"}), "sealer has a privilege"),
    "unknown role": (table(tenant(), row(), grants={"public": "SELECT"}), "unknown role: public"),
    "discovery sees all": (table(tenant(), row(), grants={"discovery": "SELECT"}), "discovery sees more"),
    "discovery without time": (
        table(tenant(), row(), grants={"discovery": "SELECT ({owner}, due_at)"}),
        "there is no due_at",
    ),
    "discovery without state": (
        table(tenant(), row(), Column("due_at", BigInteger), grants={"discovery": "SELECT ({owner}, due_at, state)"}),
        "discovery sees more",
    ),
    "a queue as any other": (
        table(
            tenant(),
            row(),
            Column("due_at", BigInteger),
            grants={"sealer": "SELECT, DELETE", "discovery": "SELECT ({owner}, due_at)"},
        ),
        "not vacuumed as a queue",
    ),
    "quoted name": (table(tenant(), row(), name="Bad Name"), "the name is not a plain one"),
    "long name": (table(tenant(), row(), name="b" * 49), "the name is not a plain one"),
}


def test_a_broken_rule_is_named() -> None:
    found = {rule: complaints(metadata) for rule, (metadata, _) in BAD.items()}
    assert {rule: told for rule, told in found.items() if not any(BAD[rule][1] in one for one in told)} == {}
    assert {rule: told for rule, told in found.items() if any(one.startswith("parents:") for one in told)} == {}


def test_good_tables_have_no_complaint() -> None:
    resident = [Column("resident_id", Text), Index("i", "tenant_id", "resident_id")]
    work = [Column("due_at", BigInteger)]
    assert complaints(two(tenant(), row(), *resident, resident_view="own")) == []
    assert complaints(table(tenant(), row(), *work, grants={"discovery": "SELECT ({owner}, due_at)"})) == []
    assert complaints(reference(row())) == []


def test_the_real_schema_has_no_complaint() -> None:
    assert dummy.Note.__tablename__ in app.models.metadata.tables
    assert complaints(app.models.metadata) == []
