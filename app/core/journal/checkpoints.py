"""Checkpoints: once a day the head of a chain that grew is signed with a key that is not in the database.

Whoever can write to every table can truncate a chain, or write it anew with right hashes; they cannot sign it. What
they can do is remove a checkpoint: against that stands a copy of the checkpoints that is kept elsewhere.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

from sqlalchemy import Engine

from app.core.journal.checkpoint_keys import ALGORITHM, CheckpointKeys, NotSigned, Vouched
from app.core.journal.models import NOTHING_TO_SIGN, Head, PersonHead, tables_of
from app.core.journal.verify import chains
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Database, Unit, run, unit

HEADS = (Head, PersonHead)
"""Where it shows which chains are to be signed."""


def signing(keys: CheckpointKeys, on: Database) -> Timer:
    """The timer that signs each chain that grew, at most once a day; nobody waits for it."""
    return Timer("sign-checkpoints", HEADS, partial(sign_head, keys=keys, on=on), hurried=False)


def sign_head(scope: Scope, keys: CheckpointKeys, on: Database) -> int:
    """Sign the head of `scope` if it is time to; returns how many checkpoints were made."""
    return run(scope, partial(_sign, keys), on=on)


def _sign(keys: CheckpointKeys, opened: Unit) -> int:
    """A head that is being sealed to is left to the next look."""
    tables = tables_of(opened.scope)
    due = opened.select(tables.head).where(tables.head.due_at <= opened.now)
    head = opened.first(due.with_for_update(skip_locked=True))
    if head is None:
        return 0
    signed = keys.sign(Vouched(opened.scope, head.seq, head.hash, opened.now))
    row = {"seq": head.seq, "at": opened.now, "algorithm": ALGORITHM, "key_id": keys.signer, "signed": signed}
    opened.add(tables.checkpoint(**row))
    head.due_at = NOTHING_TO_SIGN
    return 1


def newest(discovery: Engine, keys: CheckpointKeys, on: Database) -> Iterator[str]:
    """The newest checkpoint of every chain that has one, to be kept elsewhere: it vouches for all before it too.

    One that the platform did not sign is passed over; `verify` names it.
    """
    for scope in sorted(chains(discovery), key=str):
        checkpoint = tables_of(scope).checkpoint
        with unit(scope, on=on) as reading:
            rows = reading.all(reading.select(checkpoint).order_by(checkpoint.seq.desc(), checkpoint.id.desc()))
        yield from islice((row.signed for row in rows if _holds(row.signed, scope, keys)), 1)


def _holds(signed: str, scope: Scope, keys: CheckpointKeys) -> bool:
    with suppress(NotSigned):
        return keys.read(signed).scope == scope
    return False


def kept(lines: Iterable[str], keys: CheckpointKeys) -> dict[Scope, list[Vouched]]:
    """Read what `newest` gave, a checkpoint a line; raises NotSigned for a line whose signature does not hold."""
    found: dict[Scope, list[Vouched]] = {}
    for line in filter(None, map(str.strip, lines)):
        vouched = keys.read(line)
        found.setdefault(vouched.scope, []).append(vouched)
    return found
