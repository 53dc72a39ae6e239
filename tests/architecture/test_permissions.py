"""What the page of permissions says is so, cell by cell: for everybody who may hold a right, at every endpoint."""

import re
from collections.abc import Callable, Iterable, Iterator

import pytest
from flask import Flask

from app.core.access import PUBLIC
from app.edge.permissions import Door, doors
from app.identity.roles import FOR_CLIENTS, Role
from app.permissions_page import CLIENT, YES, page
from tenants.staff_rules import ROLES_OF
from tests.architecture.cast import (
    acting_token,
    client_token,
    employed,
    new_person,
    opened_tenant,
    person_token,
    staff_token,
)
from tests.architecture.sources import ROOT
from tests.platform import new_tenant

BORN_TO = {
    Role.RESIDENT: "everybody who signs in",
    Role.GUARDIAN: "who acts for a child, by a token for it",
}
"""Roles that no tenant gives, each with who has it."""


Request = tuple[str, str, str]
"""Method, path, and the permission that it needs."""


def said() -> str:
    return (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")


def of_the_platform(app: Flask) -> list[Door]:
    """What every slice opens but the dummy one."""
    return [door for door in doors(app) if "dummy" not in door.path]


def cells() -> dict[str, frozenset[str]]:
    """What the page says that each role, and a client at most, may do."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in said().splitlines()
        if line.startswith("| permission |") or re.match(r"\| `[a-z_.]+` \|.*\|.*\|", line)
    ]
    head, *body = (row for row in rows if len(row) > len(Role) / 2)
    return {
        name: frozenset(row[0].strip("`") for row in body if row[column] == YES)
        for column, name in enumerate(head)
        if column
    }


def holder(role: Role) -> Callable[[], str]:
    """How to get a token of somebody with exactly that role, of a kind of tenant that gives it."""
    if role is Role.RESIDENT:
        resident = new_person()
        return lambda: person_token(resident)
    if role is Role.GUARDIAN:
        parent, child = new_person(), new_person()
        return lambda: acting_token(parent, child)
    kind = next(kind for kind, roles in ROLES_OF.items() if role in roles)
    member = employed(opened_tenant(kind), [role])
    return lambda: staff_token(member)


def requests(app: Flask) -> Iterator[Request]:
    """Everything that is not for everybody; ids in paths are of nothing."""
    for door in of_the_platform(app):
        if door.permission != PUBLIC:
            yield door.method, re.sub(r"<[^>]+>", "nothing", door.path), door.permission


def one_of_each(app: Flask) -> list[Request]:
    """For every permission one request, a look where there is one."""
    looks_last = sorted(requests(app), key=lambda one: one[0] == "GET")
    return list({permission: (method, path, permission) for method, path, permission in looks_last}.values())


def admitted(asked: Iterable[Request], app: Flask, token: Callable[[], str]) -> set[str]:
    """The permissions with which the holder of these tokens came in; each at all that is asked, or nowhere."""
    bearer, inside, outside = token(), set[str](), set[str]()
    web = app.test_client(use_cookies=False)
    for method, path, permission in asked:
        answer = web.open(path, method=method, headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status_code != 401, (method, path)
        refused = f"this needs the permission {permission}"
        is_refused = answer.status_code == 403 and (answer.json or {}).get("detail") == refused
        (outside if is_refused else inside).add(permission)
        if method != "GET" and answer.status_code < 300:  # it may have ended the token
            bearer = token()
    assert inside & outside == set(), "one permission, two answers"
    return inside


def test_the_page_is_that_of_the_code(app: Flask) -> None:
    fresh = page(of_the_platform(app))
    assert said() == fresh, "stale: python -m app.cli permissions > docs/permissions.md"


def test_a_role_that_no_tenant_gives_says_who_has_it() -> None:
    given = frozenset[Role]().union(*ROLES_OF.values())
    assert set(Role) - given == set(BORN_TO)


@pytest.mark.parametrize("role", sorted(Role))
def test_a_role_opens_what_the_page_says(app: Flask, role: Role) -> None:
    asked = one_of_each(app)
    signed_in = frozenset({"sign_ins.end"})
    opened = admitted(asked, app, holder(role))
    assert opened == {permission for *_, permission in asked} & cells().get(role, signed_in)


def test_a_permission_opens_all_of_its_endpoints(app: Flask) -> None:
    every = {permission for *_, permission in requests(app)}
    scope = new_tenant()
    assert admitted(requests(app), app, lambda: client_token(scope, sorted(every))) == every
    assert admitted(requests(app), app, lambda: client_token(scope, [])) == set()


def test_a_client_comes_in_with_what_it_was_given_and_no_further(app: Flask) -> None:
    scope, at_most = new_tenant(), cells()[CLIENT]
    assert at_most == FOR_CLIENTS
    assert admitted(one_of_each(app), app, lambda: client_token(scope, at_most)) == at_most
    one = min(at_most)
    assert admitted(one_of_each(app), app, lambda: client_token(scope, [one])) == {one}
