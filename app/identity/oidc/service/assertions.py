"""Assertions of apps are accepted once (RFC 7523, 3, item 7)."""

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert

from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.identity.oidc.models import ClientAssertion
from app.identity.oidc.rules import LEEWAY


def spend(client_id: str, jti: str, until: float) -> bool:
    """Note the assertion, which holds until `until` (Unix seconds); False where it was noted before."""
    key = database().blind.digest("client_assertion", f"{client_id}:{jti}")
    due_at = datetime.fromtimestamp(until, UTC) + 2 * LEEWAY

    def work(opened: Unit) -> bool:
        fresh = insert(ClientAssertion).values(key=key, due_at=due_at).on_conflict_do_nothing(index_elements=["key"])
        return opened.session.execute(fresh.returning(ClientAssertion.key)).first() is not None

    return run(Scope.for_key(ClientAssertion.__tablename__, key), work)
