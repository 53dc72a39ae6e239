"""Writing entries: one for every change, in the change's own transaction."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Insert, Table, insert

from app.core.ids import PublicId, new_id
from app.core.journal.models import NOTHING_TO_SIGN, TENANT_TABLES, Tables, tables_of
from app.core.scope import Scope, ScopeKind
from app.core.unit import Unit

Fact = int | str | bool | Sequence["Fact"]
Facts = Mapping[str, Fact]
_GREATEST = 2**53 - 1
"""Integers stay exact in JSON (RFC 8785): a larger one could never be sealed."""
_TYPE = re.compile(r"\A[a-z_]+(\.[a-z_]+)+\Z")
BEHALF = "on_behalf_of"
"""The fact that names the person for whom the actor acted."""
GENESIS = "0" * 64
"""The hash that the first entry of every chain follows."""


@dataclass(frozen=True)
class Outgoing:
    """What another scope shall learn from an entry; the payload may hold what the entry may not."""

    taker: Scope
    type: str
    payload: Mapping[str, Any]
    version: int = 1


def open_chain(unit: Unit) -> None:
    """Make the head of this scope's chain; once, when the tenant or person is opened."""
    unit.add(tables_of(unit.scope).head(seq=0, hash=GENESIS, due_at=NOTHING_TO_SIGN))


def record(
    unit: Unit,
    type: str,
    subject: PublicId,
    version: int,
    facts: Facts,
    relays: Sequence[Outgoing] = (),
    whose: uuid.UUID | None = None,
) -> uuid.UUID:
    """Add an entry: `type` happened to `subject`, which has `version` now. Returns the entry's id.

    `whose` is the resident whose data it is, of a tenant's public event: they are told of every hook that carries it
    out.

    Facts are ids, states, codes, amounts (fen) and versions: never names, free text or diagnoses, never floats. Where
    the unit's author acts for somebody, the entry says for whom.

    What passes here can be sealed: nothing that is recorded holds up its scope. A text that JSON or the database does
    not take (a lone surrogate, a NUL) fails the unit itself, with its DataError.
    Raises ValueError for a malformed type, a number out of range or a taker that is a value, TypeError for a fact of
    another kind.
    """
    if not all(_TYPE.match(name) for name in (type, *(relay.type for relay in relays))):
        raise ValueError("the type of an entry or a relay is `thing.happened`")
    if not all(0 < one <= _GREATEST for one in (version, *(relay.version for relay in relays))):
        raise ValueError("versions, of a subject and of a relay, begin with 1")
    if not all(isinstance(key, str) for key in facts):
        raise TypeError("a fact's name is a text")
    for fact in facts.values():
        _check(fact)
    if unit.by.behalf:
        facts = {**facts, BEHALF: unit.by.behalf}
    tables, entry_id = tables_of(unit.scope), new_id()
    entry = {
        tables.owner: unit.scope.tenant or unit.scope.person, "id": entry_id, "due_at": unit.now, "type": type,
        "subject": str(subject), "subject_version": version, "actor": unit.by.actor, "request_id": unit.by.request_id,
        "roles": list(unit.by.roles), "facts": dict(facts), "relays": [_sealed(unit, relay) for relay in relays],
    }  # fmt: skip
    if tables is TENANT_TABLES:
        entry["resident_id"] = whose
    unit.enter(_entering(tables), entry)
    return entry_id


@cache
def _entering(tables: Tables) -> Insert:
    return insert(cast(Table, tables.pending.__table__))


def relay_place(giver: Scope, relay_id: uuid.UUID) -> str:
    """The place for which a relay's payload is encrypted."""
    return f"{giver}/relays/payload/{relay_id}"


def _sealed(unit: Unit, relay: Outgoing) -> dict[str, Any]:
    if relay.taker.kind is ScopeKind.KEY:
        raise ValueError("a relay is taken by a tenant or a person")
    relay_id = new_id()
    place = relay_place(Scope(unit.scope.tenant, None if unit.scope.tenant else unit.scope.person), relay_id)
    sealed = unit.cipher.seal(orjson.dumps(relay.payload), place)
    return {
        "id": str(relay_id), "taker": str(relay.taker), "type": relay.type, "version": relay.version,
        "payload": sealed.hex(),
    }  # fmt: skip


def _check(fact: object) -> None:
    if isinstance(fact, list | tuple):
        for part in fact:
            _check(part)
    elif isinstance(fact, int) and abs(fact) > _GREATEST:
        raise ValueError("an integer out of range")
    elif not isinstance(fact, int | str):
        raise TypeError(f"a fact is an integer, a text, a boolean or a list of them, not {type(fact).__name__}")
