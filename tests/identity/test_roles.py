"""The one table of roles against what the endpoints ask for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.access import PUBLIC
from app.core.unit import connect
from app.edge.permissions import declared
from app.factory import create_app
from app.identity.oidc.scopes import SCOPES, permissions_for
from app.identity.roles import FOR_CLIENTS, PERMISSIONS, Role, permissions_of
from tests.platform import Platform


@pytest.fixture
def asked(platform: Platform) -> Iterator[set[str]]:
    """Every permission that an endpoint of the platform itself declares."""
    app = create_app(replace(platform.settings, slices=()))
    yield {permission for view in app.view_functions.values() if (permission := declared(view))}
    connect(platform.database)


def test_every_permission_is_held_by_some_role(asked: set[str]) -> None:
    assert "me.read" in asked
    assert asked - {PUBLIC} <= permissions_of(Role)


def test_what_clients_may_be_given_exists() -> None:
    assert permissions_of(Role) >= FOR_CLIENTS


def test_permissions_add_up() -> None:
    both = permissions_of([Role.INTEGRATOR, Role.PLATFORM_OPERATOR])
    assert both == PERMISSIONS[Role.INTEGRATOR] | PERMISSIONS[Role.PLATFORM_OPERATOR]
    assert permissions_of([]) == frozenset()


def test_no_app_begins_to_act_as_staff() -> None:
    """Who is removed from a staff loses nothing of apps: they act for a person as themself, and open no affiliation."""
    opened = permissions_for(SCOPES)
    assert opened <= PERMISSIONS[Role.RESIDENT]
    assert "me.write" not in opened
