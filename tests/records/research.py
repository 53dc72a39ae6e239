"""Research projects of these tests."""

from datetime import timedelta

from app.core.calendar import local_date
from app.core.unit import database
from app.identity.api import Role
from app.records.service.projects import Approved, SeenProject, register
from tests.records.scenes import House

OVER = timedelta(days=31)
"""So long ago is never in the present month."""


def registered(at: House) -> SeenProject:
    """A project that medical affairs of the institution registered, for thirty days."""
    affairs = at.acting(at.member(Role.MEDICAL_AFFAIRS))
    ends_on = local_date(database().clock.now()) + timedelta(days=30)
    return register(affairs, Approved("高血压用药研究", "伦审2026-1", ends_on))
