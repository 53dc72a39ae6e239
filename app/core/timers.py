"""Work that a slice does by itself when its own rows are due: a hold that ends, a question to an outside system."""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.db import Base, Grants
from app.core.scope import Scope

DUE: Grants = {"app": "SELECT, INSERT, UPDATE", "discovery": "SELECT ({owner}, due_at)"}
"""Of tables whose rows a timer moves and nobody deletes."""


@dataclass(frozen=True)
class Timer:
    """`task` is called for each scope in which a row of `models` is due, and returns how many it did.

    Each of `models` has an indexed `due_at` (null, where it may be, when nothing is left to do), and grants
    `discovery` the owner column and `due_at`, as `DUE` does. The task locks what it takes with SKIP LOCKED, moves
    `due_at` on before it asks anything outside, and may be called for the same scope by several workers.
    """

    name: str
    models: tuple[type[Base], ...]
    task: Callable[[Scope], int]
    hurried: bool = True
    """False where nobody waits for the work: what is only to be forgotten is looked for more rarely."""
    asks: bool = False
    """Whether `due_at` lies in the future only where somebody outside is being asked, or gave no answer and is asked
    again later: what is put off for more than a minute is then a figure that operators watch.
    """
