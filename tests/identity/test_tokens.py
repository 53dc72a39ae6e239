"""Access tokens of three kinds: who bears them, when they end, and where they hold."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, func, true
from sqlalchemy.dialects.postgresql import JSONB

from app.core.errors import Unauthenticated
from app.core.ids import PublicId, new_id
from app.core.ports import Granted, Ports, fill, ports
from app.core.questions import Asks
from app.core.scope import Scope
from app.core.unit import SYSTEM, Caller, run
from app.identity.api import (
    OAuthClient,
    authenticate,
    issue_staff_token,
    register_client,
    revoke_client,
    revoke_staff_tokens,
    sign_out,
)
from app.identity.service.clients import find_client
from app.identity.service.sign_in import enter
from app.identity.service.tokens import issue_client_token
from tenants.api import signer_of
from tests.identity.conftest import Clock
from tests.platform import Platform, new_tenant


@dataclass
class Staff:
    """A slice that knows staff: who belongs to which tenant, and what they may do."""

    members: dict[tuple[int | None, uuid.UUID], frozenset[str]] = field(default_factory=dict)
    told_in: list[Asks] = field(default_factory=list)

    __hash__ = object.__hash__  # questions are kept by who asks them

    def asked(self, tokens: Table) -> ColumnElement[Any]:
        return func.jsonb_build_array(tokens.c.staff_id, type_=JSONB)

    def told(self, reading: Asks, found: Any) -> Granted | None:
        self.told_in.append(reading)
        permissions = self.members.get((reading.scope.tenant, uuid.UUID(found[0])))
        return None if permissions is None else Granted(permissions, ("somebody",))

    def join(self, scope: Scope, *permissions: str) -> uuid.UUID:
        """A new member."""
        staff_id = new_id()
        self.members[scope.tenant, staff_id] = frozenset(permissions)
        return staff_id


@pytest.fixture
def staff(platform: Platform) -> Iterator[Staff]:
    former, made = ports(), Staff()
    fill(
        Ports(
            lambda message_id, phone, message: None, made, true(), lambda *asked: None, lambda unit: None,
            signer_of,
        )
    )  # fmt: skip
    yield made
    fill(former)


def client_token(scope: Scope, *permissions: str) -> str:
    row, _ = run(scope, lambda unit: register_client(unit, "system", permissions))
    client = find_client(str(row.public_id))
    assert client
    return issue_client_token(client, client.permissions)


def refused(token: str) -> bool:
    try:
        authenticate(token)
    except Unauthenticated:
        return True
    return False


def moved(token: str, scope: Scope) -> str:
    """`token`, naming a row of another scope."""
    first, _, secret = token.partition(".")
    return f"{PublicId('tok', scope, PublicId.parse(first, 'tok').id)}.{secret}"


def test_a_member_of_the_staff(staff: Staff) -> None:
    scope = new_tenant()
    member = staff.join(scope, "tenant.read")
    principal = authenticate(issue_staff_token(scope, member, uuid.uuid4()))
    assert principal.actor == f"staff:{PublicId('sta', scope, member)}"
    assert (principal.scope, principal.permissions) == (scope, frozenset({"tenant.read"}))


def test_the_journal_says_who_signed_in_as_whom(platform: Platform, staff: Staff) -> None:
    scope, person = new_tenant(), uuid.uuid4()
    member = staff.join(scope)
    sign_out(issue_staff_token(scope, member, person, "request-1"), Caller("staff:somebody"))
    query = (
        "SELECT type, actor, request_id, subject_version, facts FROM journal_pending WHERE tenant_id = %s ORDER BY id"
    )
    with platform.connection() as connection:
        made, ended = connection.execute(query, [scope.tenant]).fetchall()
    actor = f"person:{PublicId('per', Scope.for_person(person), person)}"
    assert made == ("sign_in.made", actor, "request-1", 1, {"staff": str(PublicId("sta", scope, member))})
    assert ended == ("sign_in.ended", "staff:somebody", "", 2, {})


def test_permissions_are_those_of_this_moment(staff: Staff) -> None:
    scope = new_tenant()
    member = staff.join(scope, "tenant.read")
    token = issue_staff_token(scope, member, uuid.uuid4())
    staff.members[scope.tenant, member] = frozenset({"staff.manage"})
    assert authenticate(token).permissions == {"staff.manage"}
    del staff.members[scope.tenant, member]
    assert refused(token)


def test_staff_is_told_apart_only_after_the_secret_was_checked(staff: Staff) -> None:
    scope = new_tenant()
    token = issue_staff_token(scope, staff.join(scope), uuid.uuid4())
    assert refused(f"{token}x")
    assert staff.told_in == []
    authenticate(token)
    assert [reading.scope for reading in staff.told_in] == [scope]


def test_removing_a_member_ends_their_tokens_alone(staff: Staff) -> None:
    scope = new_tenant()
    leaving, staying = staff.join(scope), staff.join(scope)
    tokens = [issue_staff_token(scope, leaving, uuid.uuid4()) for _ in range(2)]
    other = issue_staff_token(scope, staying, uuid.uuid4())
    assert run(scope, lambda unit: revoke_staff_tokens(unit, leaving)) == 2
    assert [refused(token) for token in tokens] == [True, True]
    assert not refused(other)
    assert run(scope, lambda unit: revoke_staff_tokens(unit, leaving)) == 0


def test_lives(staff: Staff, clock: Clock) -> None:
    scope, person = new_tenant(), uuid.uuid4()
    tokens = {
        1: client_token(scope, "events.read"),
        8: issue_staff_token(scope, staff.join(scope), person),
        12: enter(person, "+8613912345678", "en", "request").access_token,
    }
    for hours, token in sorted(tokens.items()):
        clock.ahead = timedelta(hours=hours, seconds=-5)
        assert not refused(token)
        clock.ahead = timedelta(hours=hours)
        assert refused(token)


def test_signing_out_ends_one_token_of_any_kind(staff: Staff) -> None:
    scope, person = new_tenant(), uuid.uuid4()
    member = staff.join(scope)
    tokens = [issue_staff_token(scope, member, person), enter(person, "+8613912345678", "en", "r").access_token]
    twins = [issue_staff_token(scope, member, person), enter(person, "+8613912345678", "en", "r").access_token]
    for token in tokens:
        sign_out(token, SYSTEM)
        assert refused(token)
        with pytest.raises(Unauthenticated):
            sign_out(token, SYSTEM)
    assert [refused(token) for token in twins] == [False, False]


def test_a_revoked_client_is_out_at_once(platform: Platform) -> None:
    scope = new_tenant()
    token = client_token(scope, "events.read")
    assert authenticate(token).permissions == {"events.read"}
    client = run(scope, lambda reading: reading.all(reading.select(OAuthClient)))[0]
    row, changed = run(scope, lambda unit: revoke_client(unit, client.id))
    assert (row.state, row.version, changed) == ("revoked", 2, True)
    assert refused(token)
    assert find_client(str(client.public_id)) is None
    assert run(scope, lambda unit: revoke_client(unit, client.id))[1] is False


def test_a_token_holds_in_its_own_scope(staff: Staff) -> None:
    scope, other, person = new_tenant(), new_tenant(), uuid.uuid4()
    member = staff.join(scope)
    staff.members[other.tenant, member] = frozenset({"staff.manage"})
    tokens = [
        client_token(scope, "events.read"), issue_staff_token(scope, member, person),
        enter(person, "+8613912345678", "en", "r").access_token,
    ]  # fmt: skip
    for token in tokens:
        assert not refused(token)
        for elsewhere in (other, Scope.for_person(uuid.uuid4()), Scope.for_person(person), scope):
            forged = moved(token, elsewhere)
            assert forged == token or refused(forged)


@pytest.mark.parametrize("text", ["", ".", "tok_", "tok_00.x", "x" * 5000, "tok_é.x", "per_00000000.secret"])
def test_what_is_no_token(platform: Platform, text: str) -> None:
    assert refused(text)


def test_only_hashes_are_stored(platform: Platform, staff: Staff) -> None:
    scope = new_tenant()
    token = issue_staff_token(scope, staff.join(scope), uuid.uuid4())
    query = "SELECT row_to_json(t)::text FROM access_tokens t WHERE tenant_id = %s"
    with platform.connection() as connection:
        (row,) = connection.execute(query, [scope.tenant]).fetchone() or ("",)
    assert "secret_hash" in row
    assert token.partition(".")[2] not in row
