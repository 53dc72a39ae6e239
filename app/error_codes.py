"""Every code of a problem and every rule of a fault, read from the code that raises them.

Most stand where they are raised, as words between quotes; those are read from the sources. What is computed there is
told in `app.error_tables`, file by file; a file that computes one and is not told there stops the reading.
"""

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from app.core.errors import Problem, WrongState
from app.edge.problems import CODES
from app.edge.rule_words import MEANINGS
from app.error_tables import COMPUTED_CODES, COMPUTED_RULES, FRAMEWORK, Told

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "tenants", "prescriptions", "insurance")
NOT_OF_THE_API = "app.identity.account."
"""Pages for people tell errors in sentences, not as problems."""
EVERYWHERE = "everywhere"
PLATFORM = "platform"
"""Where several parts stand on the same."""
UNKNOWN = "…"
_RAISING: Mapping[str, tuple[int, int]] = {"not_to_settle": (0, 1)}
"""Functions that make a WrongState of a code and a detail, with the places of these."""
_FAULTY: Mapping[str, tuple[int, int]] = {"Fault": (1, 2), "bad_choice": (1, 2), "_invalid": (1, 2)}
"""What makes a fault of a rule and a detail, with the places of these."""

_EVERYWHERE = ("app.core.errors", "app.core.idempotency", "app.core.versions")
_MARKS = ("code=", *(f"{name}(" for name in (*_RAISING, *_FAULTY)))
"""Only files in which one of these stands are parsed."""


class NotTold(Exception):
    """A code or rule is computed in a file of which the tables say nothing."""


@dataclass(frozen=True, order=True)
class Said:
    """A code or a rule: its word, its status (0 for a rule), what it means and in which part of the platform."""

    word: str
    status: int
    meaning: str
    place: str


def codes() -> set[Said]:
    """Every code of a problem; raises NotTold."""
    return {*_of_classes(), *_of_framework(), *(one for module in _modules() for one in _codes_in(*module))}


def rules() -> set[Said]:
    """Every rule of a fault; raises NotTold."""
    reading = {Said(word, 0, meaning, EVERYWHERE) for word, meaning in MEANINGS.items()}
    others = (module for module in _modules() if not module[0].__name__.startswith("app.edge."))
    return reading | {one for module in others for one in _rules_in(*module)}


def _of_classes() -> Iterator[Said]:
    known = [Problem]
    for one in known:
        known.extend(one.__subclasses__())
        if one.__module__.partition(".")[0] in PACKAGES:
            meaning = " ".join((one.__doc__ or "").split()).removeprefix(f"{one.status}: ")
            yield Said(one.code, one.status, meaning if one is not Problem else one.title, _place(one.__module__))


def _of_framework() -> Iterator[Said]:
    for status, code in CODES.items():
        yield Said(code, int(status), FRAMEWORK[code], EVERYWHERE)


@cache
def _modules() -> tuple[tuple[ModuleType, ast.Module], ...]:
    return tuple(_read_modules())


def _read_modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if any(mark in text for mark in _MARKS) and not name.startswith(NOT_OF_THE_API):
                yield importlib.import_module(name), ast.parse(text)


def _codes_in(module: ModuleType, tree: ast.Module) -> Iterator[Said]:
    told = COMPUTED_CODES.get(module.__name__, {})
    for status, tables in told.items():
        yield from _told(tables, status, module)
    for call in _calls(tree):
        made = getattr(module, _name(call), None)
        if isinstance(made, type) and issubclass(made, Problem):
            code = next((one.value for one in call.keywords if one.arg == "code"), None)
            if code is not None:
                yield from _read(module, code, call.args[0] if call.args else None, made.status, known=bool(told))
        elif _name(call) in _RAISING and len(call.args) > 1:
            code_at, detail_at = _RAISING[_name(call)]
            yield from _read(module, call.args[code_at], call.args[detail_at], WrongState.status, known=bool(told))


def _rules_in(module: ModuleType, tree: ast.Module) -> Iterator[Said]:
    told = COMPUTED_RULES.get(module.__name__)
    yield from _told(told or (), 0, module)
    for call in _calls(tree):
        rule_at, detail_at = _FAULTY.get(_name(call), (0, 0))
        if len(call.args) > detail_at > 0:
            yield from _read(module, call.args[rule_at], call.args[detail_at], 0, known=told is not None)


def _read(module: ModuleType, word: ast.expr, told: ast.expr | None, status: int, *, known: bool) -> Iterator[Said]:
    words = [text for text in _texts(module, word) if UNKNOWN not in text]
    if not words and not known:
        raise NotTold(
            f"{module.__name__}, line {word.lineno}: app/error_tables.py says what {ast.unparse(word)} can be"
        )
    meanings = list(_texts(module, told)) if told is not None else []
    for at, one in enumerate(words):
        meaning = meanings[at] if len(meanings) == len(words) else "; or: ".join(meanings)
        yield Said(one, status, meaning, _place(module.__name__))


def _texts(module: ModuleType, value: ast.expr) -> Iterator[str]:
    """The texts that `value` can be, as far as the source says; UNKNOWN stands for what it does not."""
    if isinstance(value, ast.IfExp):
        yield from _texts(module, value.body)
        yield from _texts(module, value.orelse)
    elif isinstance(value, ast.JoinedStr):
        parts = [str(part.value) if isinstance(part, ast.Constant) else UNKNOWN for part in value.values]
        yield "".join(parts).replace(UNKNOWN * 2, UNKNOWN)
    elif isinstance(value, ast.BinOp):
        yield from (text + UNKNOWN for text in _texts(module, value.left))
    else:
        found = _constant(module, value)
        if isinstance(found, str):
            yield str(found)


def _constant(module: ModuleType, value: ast.expr) -> object:
    if isinstance(value, ast.Constant):
        return value.value
    if isinstance(value, ast.Name):
        return getattr(module, value.id, None)
    if isinstance(value, ast.Attribute):
        return getattr(_constant(module, value.value), value.attr, None)
    return None


def _told(tables: Told, status: int, module: ModuleType) -> Iterator[Said]:
    for table in tables:
        words = getattr(module, table) if isinstance(table, str) else table
        for word, meaning in words.items():
            said = meaning if isinstance(meaning, str) else meaning[-1]  # beside where in the request it is
            yield Said(str(word), status, said, _place(module.__name__))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _place(module: str) -> str:
    parts = module.split(".")
    place = parts[1] if parts[0] == "app" and len(parts) > 1 else parts[0]
    if place in ("core", "edge"):
        return EVERYWHERE if module in _EVERYWHERE or place == "edge" else PLATFORM
    return place
