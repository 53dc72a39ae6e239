"""As whom a member of the staff signs: asked when a certificate is made for their key."""

import uuid

from app.core.calendar import local_date
from app.core.ports import Signer
from app.core.unit import Unit
from app.identity.api import Role
from tenants.models import Profile, Staff
from tenants.service.profiles import tenant_id
from tenants.states import StaffState

SIGNING = (Role.DOCTOR, Role.PHARMACIST)
"""Who signs; of somebody who is both, the first is named."""


def signer_of(unit: Unit, staff_id: uuid.UUID) -> Signer | None:
    """Who that member is as a signer today; None where they left, have no such role, or no license that holds."""
    member, profile = unit.get(Staff, staff_id), unit.first(unit.select(Profile))
    if member is None or profile is None or member.state != StaffState.ACTIVE:
        return None
    role = next((role for role in SIGNING if role in member.roles), None)
    until, number = member.registration_until, member.registration_number
    if role is None or until is None or number is None or until < local_date(unit.now):
        return None
    return Signer(member.name, role, number, until, str(tenant_id(unit.scope, profile.id)), profile.name)
