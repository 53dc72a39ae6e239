"""What the platform announces of claims, who may act on them, and where schemes may be."""

import json

import pytest

from app.core.errors import InvalidInput
from app.core.http import Policy
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.factory import hearing
from app.identity.api import CLIENT, register_client
from app.identity.service.clients import find_client
from app.identity.service.tokens import issue_client_token
from insurance.models import Settlement
from insurance.names import CLAIM_ANSWER, CLAIM_DECIDE, CLAIM_SETTLE, CLAIM_WITHDRAW
from insurance.service.connections import checked_url
from tests.announced import raw_facts
from tests.insurance.scenes import World
from tests.insurance.settlements.claim_scenes import Reviewer, denial
from tests.insurance.settlements.settlement_scenes import VisitHospital, read
from tests.insurance.settlements.test_commercial import claimed_visit
from tests.platform import Platform, new_tenant
from tests.tenants.world import Actor


def test_insurers_hear_of_claims(platform: Platform) -> None:
    heard = hearing(platform.settings)
    assert {f"claim.{what}" for what in ("submitted", "decided", "settled", "withdrawn")} <= heard.public
    assert not {"claim.made", "claim.closed", "settlement.committed"} & heard.public
    assert Settlement in {model for timer in heard.timers for model in timer.models}


def test_events_name_the_provider_as_the_case_does(world: World, hospital: VisitHospital, platform: Platform) -> None:
    _, desk, _ = claimed_visit(world, hospital)
    (case,) = desk.ids()
    desk.decide(case, **denial(desk.fetch(case)))
    world.settle(hospital.scope, desk.scope)
    with unit(desk.scope) as reading:
        entries = reading.all(reading.select(Entry).where(Entry.subject == case).order_by(Entry.seq))
    told = [(entry.type, json.loads(entry.text)["facts"]["provider"]) for entry in entries]
    provider = desk.fetch(case)["provider"]
    assert told == [(f"claim.{what}", provider) for what in ("submitted", "decided", "settled")]
    with platform.connection() as database:
        assert raw_facts(database, hearing(platform.settings).public, hospital.scope, desk.scope) == set()


def test_a_system_of_the_insurers_decides(world: World, hospital: VisitHospital) -> None:
    _, desk, settled = claimed_visit(world, hospital)

    def register(opened: Unit) -> str:
        row, _ = register_client(opened, "claims", ["claim_cases.read", "claim_cases.decide"])
        return str(PublicId(CLIENT, opened.scope, row.id))

    client = find_client(run(desk.scope, register))
    assert client
    token = issue_client_token(client, ["claim_cases.read", "claim_cases.decide"])
    system = Reviewer(desk.insurer, Actor(world.app, token))
    (case,) = system.ids()
    assert system.decide(case)["state"] == "decided"
    world.settle(hospital.scope, desk.scope)
    assert hospital.refunds() == [settled["expected_return"]]


def test_production_connects_to_schemes_that_the_operator_named() -> None:
    hosts = frozenset({"scheme.example.cn"})
    assert checked_url("https://scheme.example.cn/api/", Policy.production(), hosts) == "https://scheme.example.cn/api"
    for url, rule in (
        ("https://other.example.cn/", "scheme_unknown"),
        ("http://scheme.example.cn/", "destination_scheme"),
        ("https://127.0.0.1/", "destination_ip_literal"),
    ):
        with pytest.raises(InvalidInput) as refused:
            checked_url(url, Policy.production(), hosts)
        assert [fault.rule for fault in refused.value.faults] == [rule]


def told_in(world: World, scope: Scope, relay: Incoming) -> Answer:
    """What a tenant answers to a relay."""
    return run(scope, lambda opened: world.heard.handlers[relay.type, 1](opened, relay))


def test_only_its_own_insurer_speaks_of_a_claim(world: World, hospital: VisitHospital) -> None:
    who, _, settled = claimed_visit(world, hospital)
    stranger = world.insurer()
    told = {
        "claim": str(hospital.claim().id), "claim_version": 1, "outcome": "approved", "fund": 1, "decision_seq": 1,
        "answer": "withdrawn", "reason": None,
    }  # fmt: skip
    for kind in (CLAIM_DECIDE, CLAIM_ANSWER):
        relay = Incoming(new_id(), stranger.scope, "x", kind, told)
        answer = told_in(world, hospital.scope, relay)
        assert answer == {"refused": "no_claim"}
    assert read(who, settled)["claim"]["state"] == "accepted"


def test_only_its_own_provider_closes_a_case(world: World, hospital: VisitHospital) -> None:
    _, desk, _ = claimed_visit(world, hospital)
    stranger = new_tenant()
    for kind in (CLAIM_WITHDRAW, CLAIM_SETTLE):
        relay = Incoming(new_id(), stranger, "x", kind, {"claim": str(hospital.claim().id)})
        answer = told_in(world, desk.scope, relay)
        assert answer == {"refused": "no_case"}
    assert [case.state for case in desk.cases()] == ["open"]
