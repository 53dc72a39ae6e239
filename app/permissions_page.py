"""The page that shows who may do what: roles and permissions, kinds and roles, and what is behind each permission.

It is made of the tables that requests are decided by, and of what every endpoint declares.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from app.core.access import PUBLIC
from app.edge.permissions import Door
from app.identity.api import FOR_CLIENTS, PERMISSIONS, Role
from tenants.api import CLINICAL, GIVEN_BY_OTHERS, ROLES_OF

CLIENT = "API client"
"""The column of what a tenant may give to its systems."""
YES = "●"
_OF_ALL = frozenset[str].intersection(*PERMISSIONS.values())
"""What every role may do."""
_INTRODUCTION = """# Permissions

Made by `python -m app.cli permissions > docs/permissions.md` from the code that decides: `app/identity/roles.py`,
`tenants/staff_rules.py` and what each endpoint declares. Change those, then make the page again.

A permission opens an endpoint. Whose rows the caller finds there is decided apart from it, by the scope of the
credential: a resident finds their own, a member of the staff or a client those of their one tenant. Who lacks the
permission gets 403, who asks for a row of somebody else 404, as if it were not there. A permission with no endpoint of
its own widens what another one opens.
"""
_ROLES = """## What a role may do

The column of clients shows what a tenant may give to its API clients; each has what it was given of that, and no more.
"""
_KINDS = """## Which roles a tenant may give

Held when somebody is invited and when their roles change (`role_not_of_kind`). A signed-in person is a resident without
anybody's giving it. Clinical are {clinical}: who holds one is registered with
number and last day. Nobody gives themselves one of them, or one of {given},
neither by changing their own roles nor by accepting an invitation that they wrote (`own_clinical_role`). A phone number
and an identity number each lead to one account, so that nobody has two with the same. Couriers have no permission while
nothing is shipped.

The first two platform operators are made at the command line of the platform's own machines, which also ends operators;
the journal notes it. Two operators together make another. What opens, stops or binds a tenant takes two operators, too:
who proposes it never confirms it (`own_proposal`), and nobody decides on what they applied for (`own_application`),
on a tenant that they act for (`own_tenant`), or on an account of their own (`own_case`). Keys of the whole
platform are ended at the command line alone.
"""
_ENDPOINTS = """## What is behind a permission
"""


def page(doors: Iterable[Door]) -> str:
    """The page for an application with these `doors`, in Markdown."""
    behind = defaultdict[str, list[str]](list)
    for door in doors:
        behind[door.permission].append(f"{door.method} {door.path}")
    clinical, given = (_listed(roles) for roles in (CLINICAL, GIVEN_BY_OTHERS - CLINICAL))
    parts = (
        _INTRODUCTION, _ROLES, _table(_role_rows(behind)), _KINDS.format(clinical=clinical, given=given),
        _table(_kind_rows()), _ENDPOINTS, _table(_endpoint_rows(behind)),
    )  # fmt: skip
    return "\n".join(parts)


def _role_rows(behind: Iterable[str]) -> Iterator[Sequence[str]]:
    roles = [role for role in Role if PERMISSIONS[role] - _OF_ALL]
    yield "permission", *roles, CLIENT
    for permission in sorted(FOR_CLIENTS.union(behind, *PERMISSIONS.values()) - {PUBLIC}):
        held = [permission in PERMISSIONS[role] for role in roles]
        yield f"`{permission}`", *(YES if one else "" for one in [*held, permission in FOR_CLIENTS])


def _kind_rows() -> Iterator[Sequence[str]]:
    yield "kind of tenant", "roles", "of these, without a permission of their own yet"
    for kind, roles in ROLES_OF.items():
        idle = {role for role in roles if not PERMISSIONS[role] - _OF_ALL}
        yield kind, _listed(roles), _listed(idle)


def _listed(roles: Iterable[Role]) -> str:
    return ", ".join(f"`{role}`" for role in sorted(roles))


def _endpoint_rows(behind: dict[str, list[str]]) -> Iterator[Sequence[str]]:
    yield "permission", "endpoints"
    for permission, paths in sorted(behind.items()):
        yield f"`{permission}`", "<br>".join(f"`{path}`" for path in paths)


def _table(rows: Iterable[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
