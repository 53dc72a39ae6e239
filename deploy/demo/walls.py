"""The database as the web workers' own role sees it: bound to one scope, as each of their transactions is."""

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from app.core.ids import PublicId
from app.core.scope import Scope
from deploy.demo.onboarding import Tenant
from deploy.demo.steps import Progress, expect

ROLES = ("app", "sealer", "discovery")
"""Those of the running processes."""
_STRONG = (
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_tables WHERE tableowner = current_user)"
    " FROM pg_roles WHERE rolname = current_user"
)


@dataclass(frozen=True)
class Wall:
    """A role's way into the database."""

    address: str = field(repr=False)

    def weak(self) -> bool:
        """Whether the role owns no table and is held by row-level security."""
        with psycopg.connect(self.address) as connection:
            return connection.execute(_STRONG).fetchone() == (False,)

    def count(self, scope: Scope, table: str, text: str = "") -> int:
        """How many rows of `table` are seen in `scope`; of the journal those whose entry has `text` in it."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(scope.begin().encode())
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            if text:
                query += sql.SQL(" WHERE strpos(text, {}) > 0").format(text)
            found = connection.execute(query).fetchone()
            return int(found[0]) if found else 0


def stand(wall: Wall, inside: Tenant, outside: Tenant, progress: Progress) -> None:
    """What one tenant's transaction sees, another's does not, whatever it asks for."""
    with progress.step("walls", "bound to another tenant, the same query sees no visit, prescription, claim"):
        for table in ("visits", "prescriptions", "claims", "journal"):
            expect(wall.count(scope_of(inside), table) > 0, f"{inside.name} sees nothing of its own {table}")
        for table in ("visits", "prescriptions", "claims"):
            seen = wall.count(scope_of(outside), table)
            expect(seen == 0, f"{outside.name} sees {seen} rows of {table}")


def journalled(wall: Wall, tenant: Tenant, cases: list[str], progress: Progress) -> None:
    """That the insurer's system fetched the details of the claims stands in the insurer's journal."""
    with progress.step("look journalled", "that the insurer fetched the details stands in its sealed journal"):
        looks = [wall.count(scope_of(tenant), "journal", f'"about":"{case}"') for case in cases]
        expect(any(looks), f"no entry of {tenant.name} says that {cases} were looked at")


def scope_of(tenant: Tenant) -> Scope:
    """The scope of a tenant."""
    return PublicId.parse(tenant.id, "ten").scope
