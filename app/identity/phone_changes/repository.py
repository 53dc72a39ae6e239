"""The statements over changes of a number; each is of the person to whom the unit is bound."""

from sqlalchemy import delete

from app.core.unit import Unit
from app.identity.devices.models import Device
from app.identity.models import PersonAccessToken
from app.identity.phone_changes.models import PhoneChange

LEADING = "leading"
LEFT = "left"


def leading(unit: Unit) -> list[PhoneChange]:
    """The changes whose former number may still lead to the person, held until the unit ends."""
    return unit.all(unit.select(PhoneChange).where(PhoneChange.state == LEADING).with_for_update())


def forget_other_devices(unit: Unit, sign_in: PersonAccessToken) -> None:
    """Know no device any more but that of `sign_in`."""
    mine = delete(Device).where(Device.person_id == unit.scope.require_person())
    others = mine.where(Device.id.is_distinct_from(sign_in.device_id))
    unit.session.execute(others.execution_options(synchronize_session=False))
