"""The statements of carrying, built once for each family of scopes: building one costs more than running it.

Each takes the giver's (or taker's) owner as `owner` and the moment as `now`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Executable,
    Exists,
    Select,
    Table,
    Update,
    Uuid,
    any_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.relays import RELAY_KEPT, RelayState, Tables, tables_of
from app.core.scope import Scope

_OWNER: BindParameter[Any] = bindparam("owner")
_ID: BindParameter[Any] = bindparam("of_id")


@dataclass(frozen=True)
class Giving:
    """What a carrier asks of the giver's relays."""

    due: Select[Any]
    """The ids of `most` relays that may go now: due, and first of their subject for their taker."""
    left: Select[Any]
    """One row where something due is to be postponed or swept."""
    lock: Select[Any]
    blocked: Select[Any]
    """The ids of `most` due relays behind one that waits itself, held."""
    swept: Select[Any]
    """The ids of `most` acknowledged relays whose payload's time is over, held."""
    over: Select[Any]
    """Ids and takers of `most` acknowledged relays whose own time is over."""
    postpone: Update
    sweep: Update
    fail: Update
    forget: Delete


@dataclass(frozen=True)
class Taking:
    """What a carrier asks of the taker's inbox."""

    receive: Executable
    """Notes the relay; no row comes back when it was taken before."""
    answer: Update
    answered: Select[Any]
    forget: Delete


def giving(scope: Scope) -> Giving:
    """The statements for the relays that `scope` gives."""
    return _giving(tables_of(scope))


def taking(scope: Scope) -> Taking:
    """The statements for the inbox of `scope`."""
    return _taking(tables_of(scope))


@cache
def _giving(tables: Tables) -> Giving:
    relays: Table = tables.relay.__table__
    relay, ids = relays.c, bindparam("ids", type_=ARRAY(Uuid()))
    most: BindParameter[int] = bindparam("most")
    owned, now = relay[tables.owner] == _OWNER, bindparam("now", type_=relay.due_at.type)
    pending = (owned, relay.state == RelayState.PENDING, relay.due_at <= now)
    done = (owned, relay.state == RelayState.ACKNOWLEDGED, relay.due_at <= now)
    full, empty = (*done, relay.payload.is_not(None)), (*done, relay.payload.is_(None))
    earlier, waits = _earlier(tables, None), _earlier(tables, now)
    change = update(relays).where(owned, relay.id == any_(ids))
    return Giving(
        due=select(relay.id).where(*pending, ~earlier).order_by(relay.due_at, relay.seq, relay.position).limit(most),
        left=select(relay.id)
        .where(owned, relay.due_at <= now, or_(relay.state == RelayState.ACKNOWLEDGED, waits))
        .limit(1),
        lock=select(relays).where(*pending, relay.id == _ID).with_for_update(skip_locked=True),
        blocked=select(relay.id).where(*pending, waits).limit(most).with_for_update(skip_locked=True),
        swept=select(relay.id).where(*full).limit(most).with_for_update(skip_locked=True),
        over=select(relay.id, relay.taker).where(*empty).limit(most),
        postpone=change.values(due_at=bindparam("to_due", type_=relay.due_at.type)),
        sweep=change.values(payload=None, due_at=relay.acknowledged_at + RELAY_KEPT),
        fail=change.values(
            tries=bindparam("to_tries"), error=bindparam("to_error"), state=bindparam("to_state"),
            due_at=bindparam("to_due", type_=relay.due_at.type),
        ),
        forget=delete(relays).where(*empty, relay.id == any_(ids)),
    )  # fmt: skip


def _earlier(tables: Tables, waiting_at: BindParameter[Any] | None) -> Exists:
    """That a relay of the same subject for the same taker goes before and is not acknowledged.

    With `waiting_at`, only one that is not due itself at that moment.
    """
    relays: Table = tables.relay.__table__
    relay, earlier = relays.c, relays.alias("earlier").c
    query = select(earlier.id).where(
        earlier[tables.owner] == _OWNER, relay[tables.owner] == _OWNER,
        earlier.taker == relay.taker, earlier.subject == relay.subject, earlier.state != RelayState.ACKNOWLEDGED,
        tuple_(earlier.seq, earlier.position) < tuple_(relay.seq, relay.position),
    )  # fmt: skip
    if waiting_at is not None:
        query = query.where(or_(earlier.due_at.is_(None), earlier.due_at > waiting_at))
    return query.correlate(relays).exists()


@cache
def _taking(tables: Tables) -> Taking:
    rows: Table = tables.inbox.__table__
    mine: tuple[ColumnElement[bool], ...] = (rows.c[tables.owner] == _OWNER, rows.c.id == _ID)
    return Taking(
        receive=insert(rows).on_conflict_do_nothing().returning(rows.c.id),
        answer=update(rows).where(*mine).values(answer=bindparam("to_answer", type_=rows.c.answer.type)),
        answered=select(rows.c.answer).where(*mine),
        forget=delete(rows).where(mine[0], rows.c.id == any_(bindparam("ids", type_=ARRAY(Uuid())))),
    )
