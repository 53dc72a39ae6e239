"""Whom the attack is made on, and by whom: things of every kind, strangers with every right, tokens that have died."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from app.core.ids import PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, run
from app.identity.api import PERMISSIONS, Role, revoke_client, sign_out
from app.identity.credentials import Bearer
from app.identity.models import AccessToken, PersonAccessToken
from tenants.models import Staff
from tenants.rules import Kind
from tenants.service.membership import staff_subject
from tenants.service.profiles import profile_of
from tenants.service.staff import end
from tenants.staff_rules import ROLES_OF
from tenants.states import TenantState
from tests.architecture.cast import (
    client_token,
    employed,
    find_client_of,
    new_person,
    opened_tenant,
    person_token,
    staff_token,
)
from tests.architecture.specimens import SPECIMENS
from tests.platform import new_tenant

BY = Caller("system:test")


@dataclass(frozen=True)
class Thing:
    """Something of a victim's."""

    id: PublicId

    def beside(self) -> str:
        """An id of the same kind in the same scope, of nothing."""
        return str(PublicId(self.id.prefix, self.id.scope, new_id()))

    def claimed(self, scope: Scope) -> str:
        """The id that the thing would have if it lay in `scope`."""
        return str(PublicId(self.id.prefix, scope, self.id.id))

    def like(self, scope: Scope) -> str:
        """An id of the same kind in `scope`, of nothing."""
        return str(PublicId(self.id.prefix, scope, new_id()))


@dataclass(frozen=True)
class Victims:
    """A resident and many tenants, with one thing for every name that a path gives to an id."""

    things: Mapping[str, Thing]
    resident: Scope

    @classmethod
    def make(cls) -> "Victims":
        """Make them all; each thing of a tenant's lies in a tenant of its own."""
        resident, made = new_person(), dict[str, Thing]()
        for name, specimen in sorted(SPECIMENS.items()):
            text = specimen.make(new_tenant() if specimen.kind is ScopeKind.TENANT else resident, {})
            made[name] = Thing(PublicId.parse(text, text.partition("_")[0]))
        return cls(made, resident)

    @property
    def tenants(self) -> list[Scope]:
        """Every tenant in which one of the things lies."""
        scopes = {one.id.scope for one in self.things.values()}
        return sorted((one for one in scopes if one.kind is ScopeKind.TENANT), key=str)


@dataclass(frozen=True)
class Stranger:
    """Somebody to whom none of it belongs."""

    name: str
    token: str = field(repr=False)
    scope: Scope


class Strangers:
    """Another resident, and tenants of every kind that have nothing to do with the victims."""

    def __init__(self, every: frozenset[str]) -> None:
        """`every` is each permission that an endpoint asks for."""
        self.every, person = every, new_person()
        self.resident = Stranger("another resident", person_token(person), person)
        self.of_kind = cache(self._of_kind)

    def _of_kind(self, kind: Kind) -> list[Stranger]:
        """The whole staff of another tenant in one person, and a system of it that may do everything."""
        scope = opened_tenant(kind)
        return [
            Stranger(f"the staff of another {kind}", staff_token(employed(scope, ROLES_OF[kind])), scope),
            Stranger(f"a system of another {kind}", client_token(scope, self.every), scope),
        ]

    def at(self, permission: str) -> list[Stranger]:
        """Those who try an endpoint that asks for `permission`: of the kind of tenant whose people have it."""
        return [self.resident, *self.of_kind(kind_for(permission))]


def kind_for(permission: str) -> Kind:
    """The first kind of tenant in which somebody has that permission; any other would do where none has."""
    having = (kind for kind, roles in ROLES_OF.items() if any(permission in PERMISSIONS[role] for role in roles))
    return next(having, Kind.HOSPITAL)


@cache
def colleague(scope: Scope, permission: str) -> Stranger:
    """Somebody of the same tenant, in every role but those that have the permission."""
    others = {role for role in ROLES_OF[kind_for(permission)] if permission not in PERMISSIONS[role]}
    return Stranger("a colleague in other roles", staff_token(employed(scope, others or {Role.COURIER})), scope)


def dead_tokens(every: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Tokens that were good once, each with what became of it."""
    for name, kill in DEATHS.items():
        yield f"a resident's, {name}", _killed(person_token(new_person()), kill)
        yield f"a member's, {name}", _killed(staff_token(_everybody(opened_tenant(Kind.HOSPITAL))), kill)
    member = _everybody(opened_tenant(Kind.HOSPITAL))
    of_one_who_left = staff_token(member)
    end_of = staff_subject(member)
    employed(end_of.scope, [Role.TENANT_ADMINISTRATOR])
    end(end_of, BY)
    yield "of a member who left", of_one_who_left
    stopped = opened_tenant(Kind.HOSPITAL)
    tokens = [staff_token(_everybody(stopped)), client_token(stopped, every)]
    run(stopped, _suspend)
    yield from zip(("of a suspended tenant's staff", "of a suspended tenant's system"), tokens, strict=True)
    scope = new_tenant()
    of_a_system = client_token(scope, every)
    run(scope, lambda opened: revoke_client(opened, find_client_of(opened)))
    yield "of a system that was revoked", of_a_system
    yield "of nobody", str(Bearer(scope, new_id(), "x"))


def _everybody(scope: Scope) -> Staff:
    return employed(scope, ROLES_OF[Kind.HOSPITAL])


def _suspend(opened: Unit) -> None:
    profile_of(opened).state = TenantState.SUSPENDED


def _killed(token: str, kill: Callable[[str], Any]) -> str:
    kill(token)
    return token


def _expire(token: str) -> None:
    bearer = Bearer.parse(token)
    assert bearer
    model: type[AccessToken | PersonAccessToken] = (
        PersonAccessToken if bearer.scope.kind is ScopeKind.PERSON else AccessToken
    )

    def let_time_pass(opened: Unit) -> None:
        row = opened.get(model, bearer.id)
        assert row
        row.expires_at = opened.now

    run(bearer.scope, let_time_pass)


DEATHS: Mapping[str, Callable[[str], Any]] = {"expired": _expire, "revoked": lambda token: sign_out(token, BY)}
