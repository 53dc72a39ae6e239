"""Two people behind one number: an operator decides, two hand over, by papers that the account itself compares."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from werkzeug.test import TestResponse

from app.core.ids import new_id
from app.core.unit import connect, run
from app.identity.service.sign_in import owner_of
from app.residents.case_models import AccountCase
from app.residents.models import IdentityNumber
from app.residents.reservations import reserve
from app.residents.service.cases import subject
from app.residents.service.verification import number_digest
from deploy.demo.passkeys import SecurityKey
from tenants.api import PLATFORM
from tenants.service.opening import establish_platform
from tests.core.journal.scenes import eventually
from tests.identity.accounts.owners import NAME, Owner, Stopped
from tests.identity.passkeys.keys import NOT_ACCEPTED, PAGE, Anybody, code_of, make
from tests.identity.phone import wrong
from tests.platform import Platform
from tests.residents.world import World, new_number
from tests.tenants.world import Actor, at_once

CASES = "/account-cases"


@pytest.fixture
def stopped(world: World, platform: Platform) -> Iterator[Stopped]:
    """The clock of everybody's units, which stands still."""
    made = Stopped()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def operator(world: World, stopped: Stopped) -> Actor:
    """An operator of the platform."""
    run(PLATFORM, lambda opened: establish_platform(opened, "Platform"))
    return world.member(PLATFORM, "platform_operator")


@pytest.fixture
def second(world: World, operator: Actor) -> Actor:
    """Another one."""
    return world.member(PLATFORM, "platform_operator")


@pytest.fixture
def owner(world: World, stopped: Stopped) -> Owner:
    """Somebody who has signed in, and is verified."""
    return Owner(world.app, stopped).sign_in().verify()


def ask(owner: Owner, code: str | None = None) -> TestResponse:
    """Ask for the account to which a number leads."""
    body = {"phone": owner.phone, "code": code or owner.code()}
    with owner.app.test_client() as web:
        return web.post("/api/v1/account-recoveries", json=body)


def case_about(world: World, operator: Actor, owner: Owner, *others: Owner) -> str:
    """The path of the one case about that account."""
    world.settle(owner.scope, PLATFORM, *(one.scope for one in others))
    listed = operator.do("GET", f"{CASES}?limit=100")["data"]
    me = owner.me.do("GET", "/me")["id"]
    (found,) = [one for one in listed if one["person"] == me]
    return f"{CASES}/{found['id']}"


def handed_over(path: str, papers: dict[str, str], one: Actor, other: Actor) -> str:
    """Two operators read the same; the state of the case."""
    one.do("POST", f"{path}/hand-over", papers)
    return str(other.do("POST", f"{path}/hand-over/confirmation", papers)["state"])


def test_who_has_the_number_now_gets_an_account_apart_from_the_old_one(
    world: World, operator: Actor, owner: Owner
) -> None:
    stranger = owner.elsewhere()
    assert reserve(IdentityNumber, number_digest(owner.number), owner.scope.require_person(), lambda opened: True)
    assert ask(stranger).status_code == 202
    path = case_about(world, operator, owner)
    decided = operator.do("POST", f"{path}/separation", {"reason": "号码已重新分配"})
    assert (decided["state"], decided["outcome"], decided["holder"]) == ("decided", "new_account", None)
    answer = stranger.ask(code=stranger.code())
    assert answer.status_code == 201 and answer.json
    assert answer.json["is_new"] is True
    assert owner.me.do("GET", "/me")["phone"] is None
    stranger.token, known = answer.json["access_token"], {"name": NAME, "number": owner.number}
    assert stranger.me.refused(409, "POST", "/me/account-claim", known) == "identity_conflict", "before any relay"
    world.settle(PLATFORM, owner.scope)
    assert owner.me.do("GET", "/me")["phone"] is None
    key = SecurityKey(PAGE)
    make(owner.me, key)
    assert Anybody(owner.app).sign_in(key).do("GET", "/me")["id"] == owner.me.do("GET", "/me")["id"]
    assert stranger.me.refused(409, "POST", "/me/account-claim", known) == "identity_conflict"
    assert owner.me.do("GET", "/me/resident")["state"] == "verified"
    assert owner.kinds() == ["number_conflict", "number_parted", "factor_added"]
    assert operator.refused(409, "POST", f"{path}/dismissal", {"reason": "x"}) == "case_not_open"


def test_nobody_decides_otherwise_while_the_number_is_parted(
    world: World, operator: Actor, second: Actor, owner: Owner, platform: Platform
) -> None:
    """Nor after that was cut off: it is asked for again, and finished."""
    ask(owner)
    path = case_about(world, operator, owner)
    papers = {"name": NAME, "number": owner.number}
    operator.do("POST", f"{path}/hand-over", papers)
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with platform.connection() as holding, ThreadPoolExecutor(1) as threads:
        holding.execute("SELECT FROM persons WHERE person_id = %s FOR UPDATE", (owner.scope.person,))
        answer = threads.submit(operator.ask, "POST", f"{path}/separation", {"reason": "a"})
        eventually(lambda: operator.do("GET", path)["state"] == "parting")
        assert second.refused(409, "POST", f"{path}/hand-over/confirmation", papers) == "case_not_open"
        assert second.refused(409, "POST", f"{path}/dismissal", {"reason": "x"}) == "case_not_open"
        mine = holding.info.backend_pid
        eventually(lambda: bool(platform.looking.execute(killing, [mine]).fetchall()))
        assert answer.result(10).status_code >= 500
    assert (operator.do("GET", path)["state"], owner.me.do("GET", "/me")["phone"]) == ("parting", owner.phone)
    assert second.refused(409, "POST", f"{path}/dismissal", {"reason": "x"}) == "case_not_open"
    decided = second.do("POST", f"{path}/separation", {"reason": "b"})
    assert (decided["outcome"], decided["reason"]) == ("new_account", "b")
    assert (owner.me.do("GET", "/me")["phone"], owner_of(owner.phone)) == (None, None)


def test_a_number_is_not_parted_from_an_account_that_is_handed_over(
    world: World, operator: Actor, second: Actor, owner: Owner
) -> None:
    ask(owner)
    path = case_about(world, operator, owner)
    papers = {"name": NAME, "number": owner.number}
    operator.do("POST", f"{path}/hand-over", papers)
    answers = at_once(
        partial(second.ask, "POST", f"{path}/hand-over/confirmation", papers),
        partial(operator.ask, "POST", f"{path}/separation", {"reason": "a"}),
        partial(operator.ask, "POST", f"{path}/dismissal", {"reason": "a"}),
    )
    handed, parted, dismissed = (one.status_code for one in answers)
    assert sorted((handed, parted, dismissed)) == [200, 409, 409]
    assert (owner_of(owner.phone) is None) == (parted == 200)


@pytest.mark.parametrize("side", ["person_id", "holder_id"])
def test_nobody_decides_on_their_own_account(world: World, operator: Actor, second: Actor, side: str) -> None:
    """Neither who is asked for theirs, nor who asks."""
    sides = {"person_id": new_id(), "holder_id": new_id(), side: second.id}
    more = {"kind": "identity", "state": "open", "differed": False, "version": 1}
    row = run(PLATFORM, lambda opened: opened.add(AccountCase(id=new_id(), opened_at=opened.now, **more, **sides)))
    path, papers = f"{CASES}/{subject(row)}", {"name": NAME, "number": new_number()}
    acts: dict[str, dict[str, str]] = {"separation": {"reason": "x"}, "dismissal": {"reason": "x"}, "hand-over": papers}
    for act, body in sorted(acts.items()):
        assert second.refused(403, "POST", f"{path}/{act}", body) == "own_case"
    operator.do("POST", f"{path}/hand-over", papers)
    assert second.refused(403, "POST", f"{path}/hand-over/confirmation", papers) == "own_case"
    assert operator.do("POST", f"{path}/dismissal", {"reason": "x"})["outcome"] == "dismissed"


def test_an_owner_who_lost_everything_is_let_in_once_by_papers(
    world: World, operator: Actor, second: Actor, owner: Owner
) -> None:
    key = SecurityKey(PAGE)
    make(owner.enrol().set_password().me, key)
    there = owner.elsewhere()
    assert there.refused(code=there.code()) == "second_proof_required"
    assert ask(there).status_code == 202
    path = case_about(world, operator, owner)
    papers = {"name": NAME, "number": owner.number}
    for wrong_ones in ({**papers, "name": "李四"}, {**papers, "number": new_number()}):
        assert handed_over(path, wrong_ones, operator, second) == "checking"
        assert operator.refused(409, "POST", f"{path}/hand-over", papers) == "case_not_open"
        world.settle(PLATFORM, owner.scope)
        case = operator.do("GET", path)
        assert (case["state"], case["differed"]) == ("open", True)
        assert there.refused(code=there.code()) == "second_proof_required"
    handed_over(path, papers, second, operator)
    world.settle(PLATFORM, owner.scope)
    assert operator.do("GET", path)["outcome"] == "handed_over"
    assert owner.me.refused(401, "GET", "/me") == "unauthenticated", "who was in is out"
    assert code_of(Anybody(owner.app).show(key)) == NOT_ACCEPTED
    there.clock.forward(hours=1)
    there.sign_in()
    assert [there.me.do("GET", f"/me/{one}")["data"] for one in ("authenticators", "passkeys")] == [[], []]
    assert there.me.do("GET", "/me/password")["is_set"] is False
    again = owner.elsewhere()
    assert again.refused(code=again.code()) == "second_proof_required", "once"
    assert there.kinds()[-2:] == ["account_handed_over", "new_device"]


def test_nothing_is_handed_over_on_one_operators_word(
    world: World, operator: Actor, second: Actor, owner: Owner, stopped: Stopped
) -> None:
    ask(owner)
    path = case_about(world, operator, owner)
    papers, hand_over = {"name": NAME, "number": owner.number}, f"{path}/hand-over"
    assert second.refused(409, "POST", f"{hand_over}/confirmation", papers) == "hand_over_not_proposed"
    proposed = operator.do("POST", hand_over, papers)
    assert proposed["state"] == "open" and proposed["hand_over_proposed_by"] and proposed["hand_over_expires_at"]
    assert operator.refused(403, "POST", f"{hand_over}/confirmation", papers) == "own_proposal"
    assert second.refused(409, "POST", hand_over, papers) == "already_proposed"
    assert second.refused(403, "POST", f"{hand_over}/withdrawal") == "proposal_of_another"
    other = {**papers, "number": new_number()}
    assert second.refused(409, "POST", f"{hand_over}/confirmation", other) == "papers_differ"
    assert second.do("GET", path)["version"] == proposed["version"] + 1, "that is noted"
    world.settle(PLATFORM, owner.scope)
    assert owner.me.do("GET", "/me"), "nobody was signed out"
    withdrawn = operator.do("POST", f"{hand_over}/withdrawal")
    assert (withdrawn["hand_over_proposed_by"], withdrawn["hand_over_expires_at"]) == (None, None)
    operator.do("POST", hand_over, papers)
    stopped.forward(days=3)
    one, other_one = (world.member(PLATFORM, "platform_operator") for _ in range(2))
    assert one.refused(409, "POST", f"{hand_over}/confirmation", papers) == "hand_over_not_proposed"
    assert handed_over(path, papers, one, other_one) == "checking"


def test_the_answer_is_the_same_whatever_comes_of_it(world: World, operator: Actor, owner: Owner) -> None:
    nobody, unprotected = Owner(owner.app, owner.clock), Owner(owner.app, owner.clock).sign_in()
    answers = [ask(one) for one in (owner, unprotected, nobody)]
    assert {(one.status_code, tuple(one.json or ())) for one in answers} == {(202, ("asked_at",))}
    world.settle(unprotected.scope, PLATFORM)
    me = unprotected.me.do("GET", "/me")["id"]
    assert me not in {one["person"] for one in operator.do("GET", f"{CASES}?limit=100")["data"]}
    assert unprotected.kinds() == []


def test_without_the_right_code_nobody_asks(owner: Owner) -> None:
    code = owner.code()
    assert ask(owner, wrong(code)).status_code == 403
    assert ask(owner, code).status_code == 202
    assert ask(owner, code).status_code == 403
    assert owner.kinds() == ["number_conflict"]


def test_asked_twice_it_is_one_case(world: World, operator: Actor, owner: Owner) -> None:
    assert [ask(owner).status_code for _ in range(2)] == [202, 202]
    path = case_about(world, operator, owner)
    dismissed = operator.do("POST", f"{path}/dismissal", {"reason": "未到场"})
    assert (dismissed["outcome"], dismissed["reason"]) == ("dismissed", "未到场")


def test_an_identity_is_released_by_papers_and_free_for_who_asked(
    world: World, operator: Actor, second: Actor, owner: Owner, stopped: Stopped
) -> None:
    number = new_number()
    other, claimant = (Owner(world.app, stopped).sign_in() for _ in range(2))
    verification = {"name": NAME, "number": number}
    other.me.do("POST", "/me/resident/verification", verification)
    answer = claimant.me.ask("POST", "/me/resident/verification", verification)
    assert answer.status_code == 409 and number not in answer.text
    path = case_about(world, operator, claimant, other)
    world.settle(other.scope)
    assert other.kinds() == ["identity_conflict"]
    assert operator.do("GET", path)["holder"] == other.me.do("GET", "/me")["id"]
    assert operator.refused(409, "POST", f"{path}/separation", {"reason": "x"}) == "case_not_of_number"
    handed_over(path, {"name": NAME, "number": number}, operator, second)
    world.settle(PLATFORM, other.scope)
    assert operator.do("GET", path)["outcome"] == "handed_over"
    assert other.me.do("GET", "/me/resident")["state"] == "unverified"
    stopped.forward(minutes=3)
    assert claimant.me.do("POST", "/me/resident/verification", verification)["state"] == "verified"
    assert other.kinds() == ["identity_conflict", "identity_released"]
