"""Asking twice does it once: the caller's key is a row of the effect's own transaction, and holds its answer.

A concurrent duplicate waits on the key's unique index, at most the role's lock time-out, and is then told to come back.
Only committed answers are replayed, for a day, to the same principal, after its permission was checked again. After
that the key is free for whatever is asked next, whether its row is forgotten yet or not.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import orjson
from sqlalchemy import Executable, Index, Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned, ResidentView, TenantOwned
from app.core.encrypted import encrypted_for
from app.core.errors import InvalidInput, WrongState
from app.core.forgetting import FORGOTTEN, forgetting
from app.core.scope import ScopeKind
from app.core.unit import Unit, sqlstate

KEPT = timedelta(hours=24)
LOCK_NOT_AVAILABLE = "55P03"


_PLACE = "{scope}/idempotency_keys/answer/{principal}/{name}"


class KeyColumns:
    """A key that a principal used, what for, and the answer it got (encrypted)."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = FORGOTTEN
    principal: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str] = mapped_column()
    """Keyed digest of method, path, condition and body: the same key with another request is a mistake."""
    answer: Mapped[bytes | None] = mapped_column(info=encrypted_for(_PLACE))
    due_at: Mapped[datetime] = mapped_column()
    """When the key may be forgotten."""


class IdempotencyKey(KeyColumns, Base):
    """Keys used in a tenant."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_due", "due_at"),)
    placement = TenantOwned.placement
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-20)


class PersonIdempotencyKey(KeyColumns, Base):
    """Keys used in a person's scope."""

    __tablename__ = "person_idempotency_keys"
    __table_args__ = (Index("ix_person_idempotency_keys_due", "due_at"),)
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)


@dataclass(frozen=True)
class _Keeping:
    """The statements over keys of one kind of scope."""

    take: Executable
    """Inserts a key, or takes one over whose time is over; no row comes back where it is in use."""
    keep: Executable
    kept: Executable


@cache
def _keeping(table: Table) -> _Keeping:
    """Built once: building a statement costs more than running it."""
    owner, column = table.primary_key.columns.keys()[0], table.c
    fresh = insert(table)
    mine = (
        column[owner] == bindparam("owner"), column.principal == bindparam("of_principal"),
        column.name == bindparam("of_name"),
    )  # fmt: skip
    return _Keeping(
        take=fresh.on_conflict_do_update(
            index_elements=[owner, "principal", "name"],
            set_={name: fresh.excluded[name] for name in ("request", "due_at", "answer")},
            where=column.due_at <= bindparam("now", type_=column.due_at.type),
        ).returning(column.name),
        keep=update(table).where(*mine).values(answer=bindparam("to_answer", type_=column.answer.type)),
        kept=select(column.request, column.answer).where(*mine),
    )


@dataclass(frozen=True)
class Answered:
    """An answer as it goes out."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    replay: "Answered | None" = None
    """What a repeated request gets instead, where this answer holds secrets that are shown once and never kept."""


class Replayed(Exception):
    """The key was used before for the same request: this is the answer it got."""

    def __init__(self, answer: Answered) -> None:
        super().__init__("replayed")
        self.answer = answer


@dataclass
class KeyedEffect:
    """The first and last step of a unit that was asked for with an `Idempotency-Key`; for one `run` only."""

    principal: str
    name: str
    request: str = field(repr=False)
    """Everything that makes it the same request: method, path, condition, digest of the content."""
    render: Callable[[Any], Answered]
    as_sent: str = field(default="", repr=False)
    """`request` as the release before told it, with a digest of the body's bytes: a key of its may be repeated."""
    answer: Answered | None = field(default=None, init=False)

    def before(self, unit: Unit) -> None:
        """Take the key; raises Replayed, InvalidInput for another request, WrongState while the first one runs."""
        if not self._take(unit):
            self._replay(unit)

    def after(self, unit: Unit, result: Any) -> None:
        """Render `result` and keep it with the key; a later unit that knows more may do so again."""
        self.answer = self.render(result)
        shown = self.answer.replay or self.answer
        kept = orjson.dumps([shown.status, shown.headers, shown.body.decode()])
        change = {**self._mine(unit), "to_answer": unit.cipher.seal(kept, self._place(unit))}
        unit.execute(_keeping(_model(unit).__table__).keep, change)

    def _take(self, unit: Unit) -> bool:
        row = {
            _owner(unit): unit.scope.tenant or unit.scope.person, "principal": self.principal, "name": self.name,
            "request": self._digest(unit, self.request), "due_at": unit.now + KEPT, "answer": None,
        }  # fmt: skip
        try:
            return unit.execute(_keeping(_model(unit).__table__).take, {**row, "now": unit.now}).first() is not None
        except DBAPIError as error:
            if sqlstate(error) != LOCK_NOT_AVAILABLE:
                raise
            raise WrongState(
                "the first request with this key is still under way",
                code="idempotency_key_in_use",
                retry_after=1,
            ) from error

    def _replay(self, unit: Unit) -> None:
        kept = unit.execute(_keeping(_model(unit).__table__).kept, self._mine(unit)).one()
        if kept.request not in (self._digest(unit, self.request), self._digest(unit, self.as_sent)):
            raise InvalidInput("this key was used for another request", code="idempotency_key_reused")
        status, headers, body = orjson.loads(unit.cipher.open(kept.answer, self._place(unit)))
        raise Replayed(Answered(status, headers, body.encode()))

    def _digest(self, unit: Unit, request: str) -> str:
        # keyed, because a path or a short body could be guessed from a plain digest
        return unit.blind.digest("idempotency_request", request)

    def _mine(self, unit: Unit) -> dict[str, Any]:
        owner = unit.scope.tenant or unit.scope.person
        return {"owner": owner, "of_principal": self.principal, "of_name": self.name}

    def _place(self, unit: Unit) -> str:
        return _PLACE.format(scope=unit.scope, principal=self.principal, name=self.name)


def key_is_taken(unit: Unit, effect: KeyedEffect) -> bool:
    """Whether the key of `effect` stands for an answer in the unit's scope, for whatever it was asked; for an effect
    that acts outside before its key is taken. One whose time is over is free, forgotten or not.
    """
    model = _model(unit)
    mine = (model.principal == effect.principal, model.name == effect.name, model.due_at > unit.now)
    return unit.first(unit.select(model).where(*mine)) is not None


FORGETTING = forgetting("forget", IdempotencyKey, PersonIdempotencyKey)


def _model(unit: Unit) -> type[Any]:
    if unit.scope.kind is ScopeKind.KEY:
        raise ValueError("a value-keyed unit takes no key: the unit that follows it does")
    return IdempotencyKey if unit.scope.kind is ScopeKind.TENANT else PersonIdempotencyKey


def _owner(unit: Unit) -> str:
    return "tenant_id" if unit.scope.kind is ScopeKind.TENANT else "person_id"
