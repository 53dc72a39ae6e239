"""Setting the platform up: its own tenant and the regulator's, and invitations for their first people."""

from app.core.unit import Caller, Unit, run
from app.identity.api import Role
from tenants.names import PLATFORM, REGULATOR
from tenants.rules import Kind
from tenants.service.invitations import Invited, invite
from tenants.service.opening import establish, establish_platform
from tenants.service.staff import Member
from tenants.staff_rules import Registration

COMMAND_LINE = Caller("system:command-line")


def invite_operator(name: str) -> Invited:
    """Make the platform's tenant if it is not there, and invite an operator; whoever runs commands here may do so."""

    def establish(unit: Unit) -> None:
        establish_platform(unit, "Platform")

    run(PLATFORM, establish, COMMAND_LINE)
    return invite(PLATFORM, Member(name, [Role.PLATFORM_OPERATOR], Registration(None, None, ())), COMMAND_LINE)


def invite_regulator(name: str) -> Invited:
    """Make the regulator's tenant if it is not there, and invite somebody of the authority to it."""

    def establish_regulator(unit: Unit) -> None:
        establish(unit, Kind.REGULATOR, "Regulator")

    run(REGULATOR, establish_regulator, COMMAND_LINE)
    return invite(REGULATOR, Member(name, [Role.REGULATOR], Registration(None, None, ())), COMMAND_LINE)
