"""The declarative base and the four placements that a table may have.

Every table says who owns its rows (`Placement`), what a resident who is bound to a tenant sees of it
(`ResidentView`) and what each database role may do with it (`Grants`); `walls` turns that into row-level security,
`lint` checks it, and `guard` holds every statement to it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from app.core.ids import new_id

Json = dict[str, Any]
JsonList = list[Any]


class Placement(StrEnum):
    """Who owns a table's rows."""

    TENANT = "tenant"
    PERSON = "person"
    KEY = "key"
    REFERENCE = "reference"


class ResidentView(StrEnum):
    """What is left of a tenant's table while a resident is bound beside the tenant."""

    OWN = "own"
    PUBLIC = "public"
    MACHINERY = "machinery"
    NONE = "none"


Grants = Mapping[str, str]
"""Database role (`app`, `sealer`, `discovery`) to the privileges that it has on the table."""

READ_WRITE: Grants = {"app": "SELECT, INSERT, UPDATE"}

OWN_KEY: Mapping[str, tuple[str, ...]] = {"primary_key": ("tenant_id", "id", "resident_id")}
"""`__mapper_args__` of an `OWN` table whose rows are changed in units that are narrowed to their resident: a change
pins the resident too then.
"""

QUEUE: Mapping[str, str] = {"autovacuum_vacuum_scale_factor": "0.02", "autovacuum_vacuum_threshold": "1000"}
"""`postgresql_with` of tables through which the worker's steps hand each other work: every look, and every step, passes
by what is done already until the table is vacuumed, which by default is when a fifth of what is kept beside is.
"""

KEY_COLUMN = {Placement.TENANT: "tenant_id", Placement.PERSON: "person_id", Placement.KEY: "key"}
"""The column that holds a row's owner, first in every primary key."""

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """Base of every mapped class. Free of Flask; the web application only lends the engine."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: DateTime(timezone=True),
            uuid.UUID: Uuid(),
            int: BigInteger(),
            str: Text(),
            bytes: LargeBinary(),
            Json: JSONB(),
            JsonList: JSONB(),
        },
    )
    placement: ClassVar[Placement]
    resident_view: ClassVar[ResidentView] = ResidentView.NONE
    grants: ClassVar[Grants] = READ_WRITE
    deletable: ClassVar[str] = ""
    """The SQL condition that a row meets which `app` may delete, who may; any row where it is empty."""
    reference_reason: ClassVar[str] = ""
    """Why a reference table may be read by all: a sentence, asked of every reference table by `lint`."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Map the class and note its declarations on the table, where lint, walls and guard read them."""
        super().__init_subclass__(**options)
        table = cls.__dict__.get("__table__")
        if table is not None:
            # plain values, so that a generated migration can be read back
            placement: Placement | None = getattr(cls, "placement", None)
            cast(Table, table).info.update(
                placement=placement.value if placement else None,
                resident_view=cls.resident_view.value,
                grants=dict(cls.grants),
            )
            if cls.deletable:
                cast(Table, table).info["deletable"] = cls.deletable
            if cls.reference_reason:
                cast(Table, table).info["reference_reason"] = cls.reference_reason


class TenantOwned:
    """Rows of one tenant, `PRIMARY KEY (tenant_id, id)`."""

    placement: ClassVar[Placement] = Placement.TENANT
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-20)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)


class PersonOwned:
    """Rows of one person, `PRIMARY KEY (person_id, id)`."""

    placement: ClassVar[Placement] = Placement.PERSON
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)


class KeyOwned:
    """One row per value that is unique across the whole platform, keyed by a hexadecimal digest or uuid."""

    placement: ClassVar[Placement] = Placement.KEY
    key: Mapped[str] = mapped_column(primary_key=True, sort_order=-20)


def within_tenant(table: str, *columns: str) -> ForeignKeyConstraint:
    """A foreign key to `table`'s primary key inside the same tenant."""
    return ForeignKeyConstraint(["tenant_id", *columns], [f"{table}.tenant_id", f"{table}.id"])


def placement_of(table: Table) -> Placement | None:
    """The declared placement of `table`, or None where it was forgotten."""
    declared = table.info.get("placement")
    return Placement(declared) if declared else None


def key_column(table: Table) -> str | None:
    """The name of the column that says who owns a row of `table`; None for reference tables."""
    placement = placement_of(table)
    return KEY_COLUMN.get(placement) if placement else None


def resident_view_of(table: Table) -> ResidentView:
    """What a resident bound beside the tenant sees of `table`."""
    return ResidentView(table.info.get("resident_view", ResidentView.NONE))
