"""A person sees where they are signed in, ends it, and a sign-in as staff never outlives the one that it came from."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from app.core.calendar import local_date
from app.core.errors import Unauthenticated
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import database, unit
from app.identity.api import authenticate
from app.identity.credentials import Bearer
from app.identity.models import AccessToken, PersonAccessToken
from app.identity.timers import FORGETTING
from tests.tenants.conftest import Clock
from tests.tenants.world import Actor, Tenant, World, at_once, member

LIST = "/me/sign-ins"


@pytest.fixture
def doctor(world: World, clinic: Tenant) -> tuple[Actor, Actor, str]:
    """A person, the same one acting as staff, and the member's id."""
    person, joined = world.join(clinic, member(roles=["integrator"]))
    return person, world.act(person, joined), joined


def is_out(actor: Actor) -> bool:
    try:
        authenticate(actor.token)
    except Unauthenticated:
        return True
    return False


def test_a_person_sees_their_own_sign_ins(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    person, acting, joined = doctor
    acting.do("GET", "/api-clients")
    other = world.again(person)
    newest, as_staff, first = world.all(person, LIST)
    assert [one["affiliation"] for one in (newest, as_staff, first)] == [None, joined, None]
    assert [one["is_current"] for one in (newest, as_staff, first)] == [False, False, True]
    today = str(local_date(database().clock.now()))
    assert [one["last_used_on"] for one in (newest, as_staff, first)] == [None, today, today]
    assert as_staff["began_at"] < as_staff["expires_at"] <= first["expires_at"]
    assert {one["ended_at"] for one in (newest, as_staff, first)} == {None}
    assert [one["id"] for one in world.all(other, LIST)] == [one["id"] for one in (newest, as_staff, first)]
    assert world.all(world.person(), LIST) != []
    assert acting.refused(403, "GET", LIST) == "forbidden"


def test_the_sign_in_as_staff_ends_with_the_person_s(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    person, acting, joined = doctor
    other = world.act(world.again(person), joined)
    person.do("DELETE", "/sign-ins/current")
    assert (is_out(person), is_out(acting), is_out(other)) == (True, True, False)
    assert acting.refused(401, "GET", "/api-clients") == "unauthenticated"
    ended = [one["ended_at"] is None for one in world.all(world.again(person), LIST)]
    assert ended == [True, True, True, False, False]


def test_one_sign_in_is_ended_and_the_others_stay(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    person, acting, joined = doctor
    again = world.act(person, joined)
    newest = world.all(person, LIST)[0]
    ended = person.do("POST", f"{LIST}/{newest['id']}/ending")
    assert ended["ended_at"]
    assert person.do("POST", f"{LIST}/{newest['id']}/ending") == ended
    assert (is_out(again), is_out(acting), is_out(person)) == (True, False, False)


def test_a_lost_phone_is_signed_out_from_another(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    lost, acting, _ = doctor
    mine = world.again(lost)
    for one in world.all(mine, LIST):
        if not one["is_current"]:
            mine.do("POST", f"{LIST}/{one['id']}/ending")
    assert (is_out(lost), is_out(acting), is_out(mine)) == (True, True, False)


def test_signing_out_as_staff_leaves_the_person_signed_in(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    person, acting, _ = doctor
    acting.do("DELETE", "/sign-ins/current")
    assert (is_out(acting), is_out(person)) == (True, False)
    as_staff, own = world.all(person, LIST)
    assert as_staff["ended_at"] is not None and own["ended_at"] is None


def test_somebody_else_s_sign_in_is_not_there(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    theirs = world.all(doctor[0], LIST)[0]["id"]
    stranger = world.person()
    unknown = str(PublicId("tok", Scope.for_person(stranger.id), new_id()))
    for one in (theirs, unknown, "tok_0"):
        assert stranger.refused(404, "POST", f"{LIST}/{one}/ending") == "not_found"
    assert not is_out(doctor[0])


def test_who_has_signed_out_does_not_begin_to_act(world: World, doctor: tuple[Actor, Actor, str]) -> None:
    """At once: either the sign-in as staff comes too late, or it ends with the other one."""
    person, _, joined = doctor
    path = f"/me/affiliations/{joined}/tokens"
    begun, _ = at_once(partial(person.ask, "POST", path), partial(person.ask, "DELETE", "/sign-ins/current"))
    assert begun.status_code in (201, 401)
    if begun.json and begun.status_code == 201:
        assert is_out(Actor(world.app, begun.json["access_token"]))


def test_a_late_sign_in_as_staff_is_short(world: World, doctor: tuple[Actor, Actor, str], clock: Clock) -> None:
    person, joined = world.again(doctor[0]), doctor[2]
    clock.ahead = timedelta(hours=11)
    acting = world.act(person, joined)
    assert not is_out(acting)
    clock.ahead = timedelta(hours=12)
    assert is_out(acting)


def test_silence_ends_a_sign_in_from_which_somebody_works_as_staff(
    world: World, doctor: tuple[Actor, Actor, str], clock: Clock
) -> None:
    """Use of either keeps both; noting it costs one row in five minutes. Who is no staff there may be silent."""
    person, acting, _ = doctor
    resident, again = world.person(), world.again(person)
    for minutes, one in ((4, acting), (29, acting), (58, person), (87, acting)):
        clock.ahead = timedelta(minutes=minutes)
        assert not is_out(one), minutes
        assert _seen(person, clock) == (timedelta(minutes=4) if minutes == 4 else timedelta(0))
    clock.ahead = timedelta(minutes=118)
    assert [is_out(one) for one in (acting, person, resident, again)] == [True, True, False, False]
    assert acting.refused(401, "GET", "/api-clients") == "unauthenticated"
    *_, as_staff, own = world.all(again, LIST)
    ended = datetime.fromisoformat(own["ended_at"])
    assert (
        as_staff["ended_at"] == own["ended_at"] and round((clock.now() - ended).total_seconds() / 60) == 118 - 87 - 30
    )
    assert again.do("POST", f"{LIST}/{own['id']}/ending")["ended_at"] == own["ended_at"]
    assert world.all(again, LIST)[0]["ended_at"] is None


def test_nobody_begins_to_act_from_a_sign_in_that_was_left(
    world: World, doctor: tuple[Actor, Actor, str], clock: Clock
) -> None:
    """Until then nobody noted when it was used."""
    person, path = world.again(doctor[0]), f"/me/affiliations/{doctor[2]}/tokens"
    clock.ahead = timedelta(minutes=16)
    assert person.refused(403, "POST", path) == "fresh_sign_in_required"
    assert not is_out(world.act(person, doctor[2]))


def _seen(person: Actor, clock: Clock) -> timedelta:
    """How long ago it was noted that the sign-in was used, in whole minutes."""
    scope, bearer = Scope.for_person(person.id), Bearer.parse(person.token)
    assert bearer
    with unit(scope) as reading:
        row = reading.get(PersonAccessToken, bearer.id)
    assert row and row.seen_at
    return timedelta(minutes=round((clock.now() - row.seen_at).total_seconds() / 60))


def test_ended_sign_ins_are_forgotten(
    world: World, clinic: Tenant, doctor: tuple[Actor, Actor, str], clock: Clock
) -> None:
    person, acting, _ = doctor
    system = world.client(clinic, "events.read")
    acting.do("DELETE", "/sign-ins/current")
    scopes = (Scope.for_person(person.id), clinic.scope)
    clock.ahead = timedelta(days=7, hours=2)
    assert [FORGETTING.task(scope) for scope in scopes] == [0, 1], "a client's token lasts an hour"
    clock.ahead = timedelta(days=8)
    assert [FORGETTING.task(scope) for scope in scopes] == [2, 2]
    for scope, model in zip(scopes, (PersonAccessToken, AccessToken), strict=True):
        with unit(scope) as reading:
            assert reading.all(reading.select(model)) == []
    assert is_out(system)
