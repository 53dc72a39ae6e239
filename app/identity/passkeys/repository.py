"""The statements over a person's passkeys; each is of the person to whom the unit is bound."""

from app.core.unit import Unit
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import ACTIVE, REMOVED, STOPPED


def passkeys(unit: Unit) -> list[Passkey]:
    """The person's passkeys, stopped ones too, oldest first."""
    return unit.all(unit.select(Passkey).where(Passkey.state.in_((ACTIVE, STOPPED))).order_by(Passkey.id))


def has_passkey(unit: Unit) -> bool:
    """Whether the person has a passkey that counts."""
    return unit.first(unit.select(Passkey).where(Passkey.state == ACTIVE)) is not None


def by_credential(unit: Unit, credential_id: bytes) -> Passkey | None:
    """The person's passkey with that credential, held until the unit ends."""
    mine = unit.select(Passkey).where(Passkey.credential_id == credential_id, Passkey.state != REMOVED)
    return unit.first(mine.with_for_update())


def removed(unit: Unit) -> list[Passkey]:
    """Those that wait for being deleted, and whose time has come."""
    return unit.all(unit.select(Passkey).where(Passkey.state == REMOVED, Passkey.due_at <= unit.now))
