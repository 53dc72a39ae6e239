"""Telling an owner what happened to their account, in the unit in which it happens."""

from app.core.ids import PublicId, new_id
from app.core.unit import Unit
from app.identity.notices.kinds import Kind, State
from app.identity.notices.models import SecurityNotice


def tell(opened: Unit, kind: Kind, about: PublicId | None = None) -> SecurityNotice:
    """Add a notice for the unit's person; the worker sends the message. The entry is that of what happened."""
    return opened.add(
        SecurityNotice(
            id=new_id(), kind=kind, about=str(about) if about else None, state=State.WAITING, tries=0,
            happened_at=opened.now, due_at=opened.now,
        )
    )  # fmt: skip
