"""Whoever decides for the platform decides nothing that is their own: no application, no tenant of theirs."""

import uuid
from dataclasses import dataclass

from app.core.errors import Forbidden, NotFound
from app.core.scope import Scope
from app.core.unit import Caller, unit
from tenants.models import Affiliation, Application, Staff
from tenants.names import PLATFORM, PLATFORM_NUMBER
from tenants.states import BELONGING
from tenants.viewing import staff_in


@dataclass(frozen=True)
class Decider:
    """An operator as a person, and the tenants that they are affiliated with besides the platform."""

    person: uuid.UUID
    tenants: frozenset[int]

    def refuse_interested(self, application: Application) -> None:
        """Raise Forbidden `own_application` and `own_tenant` where the application, or what it opened, is theirs."""
        if application.resident_id == self.person:
            raise Forbidden("somebody else must decide on what you applied for", code="own_application")
        if self.tenants & {application.opened, application.parent}:
            raise Forbidden("somebody else must decide on a tenant that you act for", code="own_tenant")


def decider(by: Caller) -> Decider:
    """The operator who acts; read before the unit in which they decide. Raises NotFound, Forbidden for a system."""
    with unit(PLATFORM) as reading:
        member = reading.get(Staff, staff_in(by.actor))
    if member is None or member.person_id is None:
        raise NotFound
    with unit(Scope.for_person(member.person_id)) as reading:
        living = reading.all(reading.select(Affiliation).where(Affiliation.state.in_(BELONGING)))
    return Decider(member.person_id, frozenset(one.tenant for one in living) - {PLATFORM_NUMBER})
