"""People and systems with exactly one right each: a member of the staff for every role, a resident, a client."""

import uuid
from collections.abc import Iterable
from datetime import date

from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import CLIENT, OAuthClient, Role, issue_staff_token, register_client
from app.identity.credentials import Bearer
from app.identity.models import Person
from app.identity.service.acting import Acting, issue_acting_token
from app.identity.service.clients import find_client
from app.identity.service.tokens import issue_client_token, issue_person_token
from tenants.models import Profile, Staff
from tenants.rules import Kind
from tests.platform import new_tenant

NEVER = date(2099, 12, 31)
SECRET = "told-to-nobody-else"
"""Stands wherever a specimen holds words."""


def new_person() -> Scope:
    """Somebody who has signed in before."""
    scope = Scope.for_person(new_id())

    def make(opened: Unit) -> None:
        open_chain(opened)
        phone = opened.cipher.seal(b"+8613900000000", f"{scope}/persons/phone")
        opened.add(Person(version=1, created_at=opened.now, phone=phone, locale="zh-CN"))

    run(scope, make)
    return scope


def opened_tenant(kind: Kind) -> Scope:
    """A tenant of `kind` whose people may act."""
    scope = new_tenant()
    run(
        scope,
        lambda opened: opened.add(
            Profile(id=new_id(), name="x", kind=kind, state="active", version=1,
                    opened_at=opened.now)
        ),
    )  # fmt: skip
    return scope


def employed(scope: Scope, roles: Iterable[Role], person: uuid.UUID | None = None) -> Staff:
    """A member of the staff of `scope`, registered for ever."""

    def make(opened: Unit) -> Staff:
        return opened.add(
            Staff(
                id=new_id(), name="x", roles=sorted(roles), subjects=["03"], registration_number="x",
                registration_until=NEVER, state="active", person_id=person or new_id(), version=1,
                created_at=opened.now,
            )
        )  # fmt: skip

    return run(scope, make)


def staff_token(member: Staff) -> str:
    """An access token of that member's."""
    assert member.person_id
    return issue_staff_token(Scope.for_tenant(member.tenant_id), member.id, member.person_id)


def person_token(scope: Scope) -> str:
    """An access token of the person of `scope`."""
    return str(run(scope, issue_person_token))


def acting_token(parent: Scope, child: Scope) -> str:
    """An access token with which a guardian, signed in, acts for a child."""
    own = Bearer.parse(person_token(parent))
    assert own
    acting = Acting(parent.require_person(), own.id, new_id(), "guardian", None)
    return run(child, lambda opened: issue_acting_token(opened, acting)).access_token


def find_client_of(opened: Unit) -> uuid.UUID:
    """The one system of the unit's tenant."""
    return opened.session.scalars(opened.select(OAuthClient)).one().id


def client_token(scope: Scope, permissions: Iterable[str]) -> str:
    """An access token of a fresh client of `scope` with these permissions, whatever clients may have."""
    given = sorted(permissions)

    def register(opened: Unit) -> str:
        row, _ = register_client(opened, "system", given)
        return str(PublicId(CLIENT, opened.scope, row.id))

    client = find_client(run(scope, register))
    assert client
    return issue_client_token(client, given)
