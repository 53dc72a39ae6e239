"""The phone number of a person, as their row keeps it."""

from app.core.scope import Scope
from app.core.unit import Unit
from app.identity.repository import person


def phone_of(opened: Unit) -> str | None:
    """The phone (E.164) with which the unit's person signs in."""
    row = person(opened)
    if row is None or row.phone is None:
        return None
    return opened.cipher.open(row.phone, phone_place(opened.scope)).decode()


def seal_phone(opened: Unit, phone: str) -> bytes:
    """`phone` as the row of the unit's person keeps it."""
    return opened.cipher.seal(phone.encode(), phone_place(opened.scope))


def phone_place(scope: Scope) -> str:
    """The place for which a phone is encrypted."""
    return f"{scope}/persons/phone"
