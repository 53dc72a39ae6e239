"""The tables that carry facts from one scope to another, and what a taker is handed."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    Table,
    Update,
    bindparam,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import QUEUE, Base, Grants, Json, PersonOwned, ResidentView, TenantOwned
from app.core.encrypted import encrypted_for
from app.core.scope import Scope, ScopeKind
from app.core.unit import Unit

RELAY_PAYLOAD_KEPT = timedelta(days=7)
"""How long after the acknowledgement a relay's payload is kept, for an operator who must look into a fault."""
RELAY_KEPT = timedelta(days=90)
"""How long after the acknowledgement it is kept that there was a relay and what its taker answered, on both sides; the
journals of both say for ever what came of it.
"""


class RelayState(StrEnum):
    """`pending` until the taker acknowledged; `stuck` after too many failed tries, until an operator acts."""

    PENDING = "pending"
    ACKNOWLEDGED = "acknowledged"
    STUCK = "stuck"


class RelayColumns:
    """A fact on its way, in the giver's scope. Made by sealing alone.

    `due_at` is when to carry it, once acknowledged when to delete its payload and then the row, and null while it is
    stuck.
    """

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {
        "app": "SELECT, UPDATE, DELETE",
        "sealer": "INSERT",
        "discovery": "SELECT ({owner}, due_at, state)",
    }
    deletable: ClassVar[str] = "state = 'acknowledged' AND payload IS NULL"
    """The sweep alone deletes relays: delivered ones, whose payload it has deleted long before. A defect that would
    delete another finds none."""
    seq: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    """The entry's sequence number and the relay's place in it: the order in which its taker hears."""
    subject: Mapped[str] = mapped_column()
    taker: Mapped[str] = mapped_column()
    type: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    payload: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/relays/payload/{id}"))
    """Encrypted; deleted `RELAY_PAYLOAD_KEPT` after the acknowledgement."""
    state: Mapped[str] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    tries: Mapped[int] = mapped_column()
    error: Mapped[str | None] = mapped_column()
    answer: Mapped[Json | None] = mapped_column()
    acknowledged_at: Mapped[datetime | None] = mapped_column()


class InboxColumns:
    """What a taker has applied, so that it applies it once; `answer` is what the giver is told again.

    Deleted together with an acknowledged relay, never before: as long as a relay may be repeated its row is here.
    """

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT, UPDATE, DELETE"}
    giver: Mapped[str] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
    answer: Mapped[Json] = mapped_column()


class Relay(TenantOwned, RelayColumns, Base):
    """Relays that a tenant gives."""

    __tablename__ = "relays"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'acknowledged', 'stuck')", name="state"),
        Index(None, "tenant_id", "taker", "subject", "seq", postgresql_where="state <> 'acknowledged'"),
        Index("ix_relays_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        {"postgresql_with": QUEUE},
    )


class PersonRelay(PersonOwned, RelayColumns, Base):
    """Relays that a person's scope gives."""

    __tablename__ = "person_relays"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'acknowledged', 'stuck')", name="state"),
        Index(None, "person_id", "taker", "subject", "seq", postgresql_where="state <> 'acknowledged'"),
        Index("ix_person_relays_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        {"postgresql_with": QUEUE},
    )


class Inbox(TenantOwned, InboxColumns, Base):
    """Relays that a tenant has taken; `id` is the relay's."""

    __tablename__ = "relay_inbox"


class PersonInbox(PersonOwned, InboxColumns, Base):
    """Relays that a person's scope has taken; `id` is the relay's."""

    __tablename__ = "person_relay_inbox"


@dataclass(frozen=True)
class Tables:
    """The two tables of one family of scopes."""

    relay: type[Any]
    inbox: type[Any]
    owner: str


TENANT_TABLES = Tables(Relay, Inbox, "tenant_id")
PERSON_TABLES = Tables(PersonRelay, PersonInbox, "person_id")


def tables_of(scope: Scope) -> Tables:
    """The relays of `scope`, which is a tenant or a person."""
    return TENANT_TABLES if scope.kind is ScopeKind.TENANT else PERSON_TABLES


@dataclass(frozen=True)
class Incoming:
    """A relay as its taker's handler gets it, inside the taker's unit."""

    id: uuid.UUID
    giver: Scope
    subject: str
    type: str
    payload: Mapping[str, Any]


Answer = Mapping[str, Any]
"""What the taker says back: `{}` for received; a domain's refusal is an answer too, never an exception."""

Handler = Callable[[Unit, Incoming], Answer]
Handlers = Mapping[tuple[str, int], Handler]
"""Who applies which type and version of relay."""


def each_of(handlers: Sequence[Handler]) -> Handler:
    """One handler for a type that several slices hear: the relay goes to each of them, in the same unit.

    Whom it does not concern answers `refused` and changes nothing; the answer is of the one that it concerns, or of
    the last one where it concerns none.
    """
    if len(handlers) == 1:
        return handlers[0]

    def heard(unit: Unit, relay: Incoming) -> Answer:
        answers = [handler(unit, relay) for handler in handlers]
        return next((answer for answer in answers if "refused" not in answer), answers[-1])

    return heard


def acknowledge(opened: Unit, relay: Any, answer: Answer) -> None:
    """Note the taker's answer, and let the next relay of the subject go."""
    now, statements = opened.clock.now(), _acknowledging(tables_of(opened.scope))
    mine = {"owner": opened.scope.tenant or opened.scope.person, "at": now}
    done = {"of_id": relay.id, "to_answer": dict(answer), "to_due": now + RELAY_PAYLOAD_KEPT}
    opened.execute(statements[0], mine | done)
    place = {"taker_is": relay.taker, "subject_is": relay.subject, "after_seq": relay.seq, "after": relay.position}
    opened.execute(statements[1], mine | place)


@cache
def _acknowledging(tables: Tables) -> tuple[Update, Update]:
    """What notes an answer, and what lets the next of the subject go: built once, they run for every relay."""
    relays: Table = tables.relay.__table__
    relay, at = relays.c, bindparam("at", type_=relays.c.due_at.type)
    owned: ColumnElement[bool] = relay[tables.owner] == bindparam("owner")
    place = tuple_(bindparam("after_seq", type_=BigInteger()), bindparam("after", type_=BigInteger()))
    behind = select(relay.id).where(
        owned, relay.taker == bindparam("taker_is"), relay.subject == bindparam("subject_is"),
        relay.state == RelayState.PENDING, tuple_(relay.seq, relay.position) > place, relay.due_at > at,
    )  # fmt: skip
    first = behind.order_by(relay.seq, relay.position).limit(1).with_for_update().scalar_subquery()
    note = update(relays).where(owned, relay.id == bindparam("of_id"))
    return (
        note.values(
            state=RelayState.ACKNOWLEDGED, answer=bindparam("to_answer", type_=relay.answer.type), acknowledged_at=at,
            due_at=bindparam("to_due", type_=relay.due_at.type),
        ),
        update(relays).where(owned, relay.id == first).values(due_at=at),
    )  # fmt: skip
