"""Refuses what a statement says in words of its own: text cannot be held to a scope.

Beside `text()` that is everything that SQLAlchemy writes into a statement unread, and functions that would reach
around the binding, run text themselves, or make the database choose a time, a random value or a lock.
"""

import re
from typing import Any

from sqlalchemy import Table, TextClause
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnClause, Extract
from sqlalchemy.sql.functions import FunctionElement

_LITERAL = re.compile(r"\*|[0-9]+")
"""What SQLAlchemy itself writes as a literal column: `count(*)`, `SELECT 1`."""
_OPERATOR = re.compile(r"[-+*/<>=~!@#%^&|`?]+")
_FIELD = re.compile(r"[a-z]+")
_FUNCTION = re.compile(
    r"set_config|current_.*|local.*|session_user|user|now|timeofday|.*_timestamp|random.*|gen_random_.*|uuid.*"
    r"|nextval|currval|lastval|setval|.*_to_xml.*|pg_.*|lo_.*|lo(read|write)|dblink.*"
    r"|ts_stat|ts_rewrite",
    re.IGNORECASE,
)


class UnreadableStatement(Exception):
    """The statement has a form that cannot be held to a scope; write it so that it can."""


def refuse_text(part: Any) -> None:
    """Raise UnreadableStatement if `part` of a statement is text, or a function that a unit may not call."""
    added = not isinstance(part, Table) and any(_own(part, name) for name in ("_prefixes", "_suffixes"))
    if isinstance(part, TextClause) or added:  # those of a table are of its CREATE
        raise UnreadableStatement("a fragment of text")
    if _own(part, "_hints") or _own(part, "_statement_hints"):
        raise UnreadableStatement("a hint")
    if isinstance(part, ColumnClause) and part.is_literal and not _LITERAL.fullmatch(part.name):
        raise UnreadableStatement("a literal column")
    if isinstance(part, Extract) and not _FIELD.fullmatch(part.field):
        raise UnreadableStatement("a field of text")
    if isinstance(part, FunctionElement) and _FUNCTION.fullmatch(str(getattr(part, "name", ""))):
        raise UnreadableStatement(f"the function {part.name}")
    for operator in (_own(part, "operator"), _own(part, "modifier")):
        if isinstance(operator, operators.custom_op) and not _OPERATOR.fullmatch(operator.opstring):
            raise UnreadableStatement("an operator of text")


def _own(part: Any, name: str) -> Any:
    """What `part` itself has under `name`, or None: a column would ask the comparator of its type, and what is in
    brackets its content, which is a part of its own.
    """
    try:
        return object.__getattribute__(part, name)
    except AttributeError:
        return None
