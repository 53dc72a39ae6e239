"""Row-level security: the statements that raise the wall around a table.

Migrations call `statements` for each new table and the schema test compares the catalogue with it, so a change here
is a change of every wall: it goes with a migration that re-creates the policies.

Settings are read without `missing_ok` and cast, so that a connection on which nothing was bound raises (42704), and
one that was used before and reset raises too (22P02, the setting is then an empty string).
"""

from collections.abc import Iterator

from app.core.db import KEY_COLUMN, Grants, Placement, ResidentView

_TENANT = "nullif(current_setting('app.tenant'), 'none')::bigint"
_PERSON = "nullif(current_setting('app.person'), 'none')::uuid"
_VIEWS = {
    ResidentView.OWN: f" AND ({_PERSON} IS NULL OR resident_id = {_PERSON})",
    ResidentView.PUBLIC: "",
    ResidentView.MACHINERY: "",
    ResidentView.NONE: f" AND {_PERSON} IS NULL",
}

_ALARMING = " OR state IN ('stuck', 'exhausted')"
"""What waits for nothing any more, and for somebody to look at it."""


def role(database: str, name: str) -> str:
    """The database role called `name` of this database; roles are server-wide, so they carry its name."""
    return f"{database}_{name}"


def condition(table: str, placement: Placement, view: ResidentView) -> str:
    """The SQL condition that a row of `table` meets when it lies inside the bound scope."""
    if placement is Placement.TENANT:
        return f"tenant_id = {_TENANT}{_VIEWS[view]}"
    if placement is Placement.PERSON:
        return f"person_id = {_PERSON} AND {_TENANT} IS NULL"
    if placement is Placement.KEY:
        # The key is text, which any setting can be: the cast of the tenant, inside the value that is compared,
        # makes an unbound connection raise here too, already when the statement is planned.
        bound = f"{_TENANT} IS NULL AND starts_with(current_setting('app.key'), '{table}:')"
        return f"key = CASE WHEN {bound} THEN substr(current_setting('app.key'), {len(table) + 2}) END"
    return "true"


def work(grants: Grants) -> str:
    """The SQL condition that a row meets which `discovery` may see: it waits, or somebody must act on it."""
    seen = grants["discovery"]
    if "due_at" not in seen:
        return "true"
    given_up = " OR given_up_at IS NOT NULL" if "given_up_at" in seen else ""
    return f"due_at IS NOT NULL{_ALARMING if 'state' in seen else ''}{given_up}"


def deletable(database: str, table: str, rows: str) -> str:
    """What to execute, as the owner, so that `app` deletes no other rows of `table` than those that meet `rows`."""
    name = role(database, "app")
    return f"CREATE POLICY {table}_deletable ON {table} AS RESTRICTIVE FOR DELETE TO {name} USING ({rows})"


def statements(database: str, table: str, placement: Placement, view: ResidentView, grants: Grants) -> Iterator[str]:
    """Everything to execute, as the owner, after `table` was created in `database`."""
    fenced = condition(table, placement, view)
    app, sealer, discovery = (role(database, name) for name in ("app", "sealer", "discovery"))
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield (f"CREATE POLICY {table}_owner ON {table} TO {role(database, 'owner')} USING (true) WITH CHECK (true)")
    yield f"CREATE POLICY {table}_wall ON {table} TO {app}, {sealer} USING ({fenced}) WITH CHECK ({fenced})"
    if "discovery" in grants:
        rows = work(grants)
        yield f"CREATE POLICY {table}_work ON {table} FOR SELECT TO {discovery} USING ({rows})"
    for name, privileges in grants.items():
        columns = privileges.format(owner=KEY_COLUMN.get(placement))
        yield f"GRANT {columns} ON {table} TO {role(database, name)}"
