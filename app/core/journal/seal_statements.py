"""The statements of sealing, built once for each family of chains: building one costs more than running it.

Each takes the chain's owner as `owner`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Executable,
    Insert,
    Select,
    Table,
    Text,
    Update,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.journal.models import Tables, tables_of
from app.core.relays import tables_of as relay_tables_of
from app.core.scope import Scope
from app.core.send.models import Delivery, Endpoint, EndpointState

_OWNER: BindParameter[Any] = bindparam("owner")
_endpoints = cast(Table, Endpoint.__table__).c
ENDPOINTS = select(_endpoints.id, _endpoints.types).where(
    _endpoints.tenant_id == _OWNER, _endpoints.state == EndpointState.ACTIVE
)
DELIVERIES = insert(cast(Table, Delivery.__table__))


@dataclass(frozen=True)
class Sealing:
    """What a sealer asks of one chain."""

    lock: Select[Any]
    """The head, held until the unit ends; nothing where another sealer holds it."""
    head: Select[Any]
    oldest: Executable
    """Takes the `most` oldest entries out of those that wait."""
    lower: Select[Any]
    """Which entries of `subjects` wait with a version below `version`."""
    late: Executable
    """Takes `ids` out of those that wait."""
    entries: Insert
    relays: Insert
    grow: Update
    """Moves the head on to `to_seq` and `to_hash`, to be signed at `to_sign_at` or, if already decided, sooner."""


def sealing(scope: Scope) -> Sealing:
    """The statements for the chain of `scope`."""
    return _sealing(tables_of(scope), relay_tables_of(scope).relay.__table__)


@cache
def _sealing(tables: Tables, relays: Table) -> Sealing:
    heads, waiting, entries = (cast(Table, model.__table__) for model in (tables.head, tables.pending, tables.entry))
    head, pending = heads.c, waiting.c
    mine, most = pending[tables.owner] == _OWNER, bindparam("most", type_=pending.subject_version.type)
    oldest = select(pending.id).where(mine).order_by(pending.id).limit(most)
    of_subject = pending.subject == any_(bindparam("subjects", type_=ARRAY(Text())))
    known = select(heads).where(head[tables.owner] == _OWNER)
    return Sealing(
        lock=known.with_for_update(skip_locked=True),
        head=known,
        oldest=delete(waiting).where(mine, pending.id.in_(oldest)).returning(*pending),
        lower=select(pending.id, pending.subject, pending.subject_version).where(
            mine, of_subject, pending.subject_version < bindparam("version")
        ),
        late=delete(waiting).where(mine, pending.id == any_(bindparam("ids", type_=ARRAY(Uuid())))).returning(*pending),
        entries=insert(entries),
        relays=insert(relays),
        grow=update(heads)
        .where(head[tables.owner] == _OWNER)
        .values(
            seq=bindparam("to_seq"),
            hash=bindparam("to_hash"),
            due_at=func.least(head.due_at, bindparam("to_sign_at", type_=head.due_at.type)),
        ),
    )
