"""Setting the platform up: its own tenant, and an invitation for its first operator."""

from app.core.unit import Caller, Unit, run
from app.identity.api import Role
from tenants.names import PLATFORM
from tenants.service.invitations import Invited, invite
from tenants.service.opening import establish_platform
from tenants.service.staff import Member
from tenants.staff_rules import Registration

COMMAND_LINE = Caller("system:command-line")


def invite_operator(name: str) -> Invited:
    """Make the platform's tenant if it is not there, and invite an operator; whoever runs commands here may do so."""

    def establish(unit: Unit) -> None:
        establish_platform(unit, "Platform")

    run(PLATFORM, establish, COMMAND_LINE)
    return invite(PLATFORM, Member(name, [Role.PLATFORM_OPERATOR], Registration(None, None, ())), COMMAND_LINE)
