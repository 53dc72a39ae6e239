"""What public events say is held against a rule: who hears them knows public ids."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from app.core.scope import Scope

MEASURES = frozenset({"account", "amount", "attempt", "billed", "cash", "fund", "number", "rank", "returned", "total"})
"""Facts that are amounts in fen or counts; any other large number could be a tenant's."""
LEAST_TENANT = 1000
_RAW = re.compile(r"[0-9]+|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
_TOLD = """
    SELECT type, facts::jsonb FROM journal_pending WHERE tenant_id = ANY(%(tenants)s) AND type = ANY(%(public)s)
    UNION ALL
    SELECT type, text::jsonb -> 'facts' FROM journal WHERE tenant_id = ANY(%(tenants)s) AND type = ANY(%(public)s)
"""


def raw_facts(database: psycopg.Connection, public: frozenset[str], *scopes: Scope) -> set[tuple[str, str]]:
    """Type and name of each fact of these tenants' public events that is a tenant's number or a bare uuid."""
    tenants = [scope.require_tenant() for scope in scopes]
    rows = database.execute(_TOLD, {"public": sorted(public), "tenants": tenants})
    return {(type, name) for type, facts in rows for name in raw(facts)}


def raw(facts: Mapping[str, Any]) -> Iterator[str]:
    """The names of the facts that are no public ids, though they are ids."""
    for name, told in facts.items():
        parts = told if isinstance(told, list) else [told]
        if any(_is_raw(part) for part in parts) and name not in MEASURES:
            yield name


def _is_raw(part: Any) -> bool:
    if isinstance(part, str):
        return bool(_RAW.fullmatch(part))
    return not isinstance(part, bool) and part >= LEAST_TENANT
