"""Letting an owner in once, and what they cannot prove any more is taken off."""

import uuid
from datetime import timedelta

from sqlalchemy import delete

from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.unit import Unit
from app.identity.factors import recovery
from app.identity.factors.models import Authenticator
from app.identity.factors.proving import subject
from app.identity.factors.repository import ACTIVE, PENDING, authenticators, hold
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell
from app.identity.passkeys.names import PASSKEY_ID, REMOVED
from app.identity.passkeys.repository import passkeys
from app.identity.passwords.repository import drop_password
from app.identity.recoveries.models import AccountRecovery
from app.identity.service.accounts import end_all

RECOVERY_ID = "arc"
OPEN_FOR = timedelta(days=7)
"""How long an owner whose papers were seen has to sign in."""


def let_in(opened: Unit, case: uuid.UUID) -> None:
    """Let the owner, who is the unit's person, in once by code, without what they said they have lost: their password,
    authenticators, passkeys and recovery codes end, and with them every sign-in. Their devices stay as they are.
    """
    hold(opened)
    opened.add(AccountRecovery(id=case, due_at=opened.now + OPEN_FOR))
    drop_password(opened)
    for row in authenticators(opened, PENDING, ACTIVE):
        record(opened, "authenticator.removed", subject(row), row.version + 1, {})
    mine = delete(Authenticator).where(Authenticator.person_id == opened.scope.require_person())
    opened.session.execute(mine.execution_options(synchronize_session=False))
    _remove_passkeys(opened)
    recovery.forget(opened)
    end_all(opened)
    record(opened, "account_recovery.opened", PublicId(RECOVERY_ID, opened.scope, case), 1, {})
    tell(opened, Kind.ACCOUNT_HANDED_OVER)


def _remove_passkeys(opened: Unit) -> None:
    """None of them signs in any more; the timer deletes what is left of them."""
    for row in passkeys(opened):
        row.state, row.due_at, row.version = REMOVED, opened.now, row.version + 1
        record(opened, "passkey.removed", PublicId(PASSKEY_ID, opened.scope, row.id), row.version, {})


def is_open(opened: Unit) -> bool:
    """Whether the unit's person is let in once."""
    return opened.first(opened.select(AccountRecovery).where(AccountRecovery.due_at > opened.now)) is not None


def use_up(opened: Unit) -> None:
    """They are in."""
    for row in opened.all(opened.select(AccountRecovery).with_for_update()):
        record(opened, "account_recovery.used", PublicId(RECOVERY_ID, opened.scope, row.id), 2, {})
        opened.session.delete(row)
