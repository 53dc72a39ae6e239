"""Whoever asks after an end was answered is refused, however many ask with the same token meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from app.core.errors import Unauthenticated
from app.core.ids import PublicId, new_id
from app.core.ports import fill
from app.core.scope import Scope
from app.core.unit import SYSTEM, Unit, run
from app.identity.api import authenticate, issue_staff_token, register_client, revoke_client, sign_out
from app.identity.service.clients import find_client
from app.identity.service.sign_in import enter
from app.identity.service.tokens import issue_client_token
from tenants.models import Profile, Staff
from tests.platform import Platform, default_ports, new_tenant

READERS = 4
ENOUGH = 15
"""Requests of each reader before the end, and of those that begin after it."""
Ending = tuple[str, Callable[[], object]]
"""A token, and what ends it."""


@dataclass
class Reader:
    """Somebody who asks over and over with one token."""

    token: str
    ended: threading.Event
    warm: threading.Barrier
    late: list[bool] = field(default_factory=list)
    """Whether each request that began after the end was refused."""

    def read(self) -> None:
        """Ask until enough was asked after the end."""
        for _ in range(ENOUGH):
            authenticate(self.token)
        self.warm.wait()
        while len(self.late) < ENOUGH:
            began_late, was_refused = self.ended.is_set(), self.refused()
            if began_late:
                self.late.append(was_refused)

    def refused(self) -> bool:
        """Whether the token opens nothing."""
        try:
            authenticate(self.token)
        except Unauthenticated:
            return True
        return False


def tenant() -> tuple[Scope, Profile, Staff]:
    """A tenant with one nurse."""
    scope, person = new_tenant(), new_id()

    def opened(unit: Unit) -> tuple[Profile, Staff]:
        profile = Profile(id=new_id(), name="x", kind="hospital", state="active", version=1, opened_at=unit.now)
        nurse = Staff(
            id=new_id(), person_id=person, name="x", roles=["nurse"], subjects=[], state="active", version=1,
            created_at=unit.now,
        )  # fmt: skip
        return unit.add(profile), unit.add(nurse)

    return scope, *run(scope, opened)


def client() -> tuple[Scope, PublicId, str]:
    """A tenant's system, and a token of it."""
    scope, _, _ = tenant()
    known = find_client(str(run(scope, lambda unit: register_client(unit, "x", ["events.read"]))[0].public_id))
    assert known
    return scope, known.id, issue_client_token(known, known.permissions)


def client_revoked() -> Ending:
    scope, known, token = client()
    return token, lambda: run(scope, lambda unit: revoke_client(unit, known.id))


def client_signed_out() -> Ending:
    _, _, token = client()
    return token, lambda: sign_out(token, SYSTEM)


def member_left() -> Ending:
    scope, _, nurse = tenant()

    def leave(unit: Unit) -> None:
        unit.all(unit.select(Staff))[0].state = "ended"

    return issue_staff_token(scope, nurse.id, new_id()), lambda: run(scope, leave)


def tenant_suspended() -> Ending:
    scope, _, nurse = tenant()

    def suspend(unit: Unit) -> None:
        unit.all(unit.select(Profile))[0].state = "suspended"

    return issue_staff_token(scope, nurse.id, new_id()), lambda: run(scope, suspend)


def person_signed_out() -> Ending:
    scope, _, nurse = tenant()
    assert nurse.person_id
    own = enter(nurse.person_id, "+8613912345678", "en", "").access_token
    sign_in = PublicId.parse(own.partition(".")[0], "tok").id
    return issue_staff_token(scope, nurse.id, nurse.person_id, sign_in=sign_in), lambda: sign_out(own, SYSTEM)


WAYS = {way.__name__: way for way in (client_revoked, client_signed_out, member_left, tenant_suspended)}
WAYS |= {person_signed_out.__name__: person_signed_out}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_request_that_begins_after_the_end_is_refused(platform: Platform, way: str) -> None:
    fill(default_ports())
    token, end = WAYS[way]()
    ended, warm = threading.Event(), threading.Barrier(READERS + 1, timeout=30)
    readers = [Reader(token, ended, warm) for _ in range(READERS)]
    with ThreadPoolExecutor(READERS) as threads:
        reading = [threads.submit(reader.read) for reader in readers]
        warm.wait()
        end()
        ended.set()
        for one in reading:
            one.result()
    assert [reader.late for reader in readers] == [[True] * ENOUGH] * READERS
