"""Every public event that is a resident's says whose it is, so that they are told of every hook that carries it out."""

import ast
from collections.abc import Iterator
from importlib import import_module

from app.residents.rules.hook_words import EVENTS
from tests.architecture.sources import Source, sources

SLICES = ("app", "insurance", "prescriptions")
"""What tenants do with themselves concerns no resident."""
PLACE = 6
"""Of `whose` among the arguments of `record`."""
NEVER_PUBLIC = {
    ("app/records/service/emergencies.py", "told['type']"): "in the person's own journal",
    ("app/residents/family/service/representations.py", "happened"): "in the person's own journal",
    ("app/residents/service/consents.py", "f'consent.{row.state}'"): "the same, the institution's says whose it is",
    ("app/residents/service/exports.py", "type"): "what becomes of an export",
    ("app/residents/service/exports.py", "told['type']"): "the same, in the person's own journal",
    ("app/residents/service/verification.py", "happened"): "in the person's own journal",
    ("insurance/service/claiming.py", "name"): "the provider's side of a claim",
    ("insurance/service/moving.py", "happened"): "what becomes of a settlement",
}
"""Types of entries that no hook carries, or that are not to be read off the source, and why."""


def entries() -> Iterator[tuple[Source, ast.Call]]:
    for source in sources(*SLICES):
        for name, call in source.calls:
            if name == "record" and len(call.args) > 1:
                yield source, call


def beginning(source: Source, type: ast.expr) -> str | None:
    """With what the type of an entry begins, or all of it; None where only a run would tell."""
    if isinstance(type, ast.JoinedStr):
        type = type.values[0]
    if isinstance(type, ast.Constant):
        return str(type.value)
    return getattr(import_module(source.module), type.id, None) if isinstance(type, ast.Name) else None


def is_somebodys(source: Source, call: ast.Call) -> bool:
    if (source.path, ast.unparse(call.args[1])) in NEVER_PUBLIC:
        return False
    known = beginning(source, call.args[1])
    if known is None:
        return True
    return known in EVENTS or (known.endswith(".") and any(event.startswith(known) for event in EVENTS))


def found() -> list[tuple[Source, ast.Call]]:
    return [(source, call) for source, call in entries() if is_somebodys(source, call)]


def test_entries_are_found() -> None:
    assert {source.path.partition("/")[0] for source, _ in found()} == set(SLICES)
    unread = {(source.path, ast.unparse(call.args[1])) for source, call in entries()}
    assert set(NEVER_PUBLIC) <= unread


def test_each_says_whose_it_is() -> None:
    silent = [
        f"{source.path}:{call.lineno}"
        for source, call in found()
        if len(call.args) <= PLACE and "whose" not in {one.arg for one in call.keywords}
    ]
    assert silent == []
