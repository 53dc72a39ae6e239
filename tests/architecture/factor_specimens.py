"""Specimens of what people prove themselves with; see specimens.py."""

from collections.abc import Mapping

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.factors.models import Authenticator
from app.identity.factors.proving import AUTHENTICATOR_ID


def authenticator(scope: Scope, made: Mapping[str, str]) -> str:
    """An authenticator app of the person's."""

    def add(opened: Unit) -> str:
        row = Authenticator(
            id=new_id(), name="x", secret=b"unread", state="active", last_step=0, version=1,
            created_at=opened.now, confirmed_at=opened.now,
        )  # fmt: skip
        return str(PublicId(AUTHENTICATOR_ID, scope, opened.add(row).id))

    return run(scope, add)
