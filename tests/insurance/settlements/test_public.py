"""The public scheme: its answer is the split, the cash part is paid, and what it settled is committed or reversed."""

import pytest

from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.unit import unit
from app.payments.models import Bill
from deploy.demo.partners import Scheme
from tenants.api import TENANT_ID
from tests.insurance.scenes import Insurer, World
from tests.insurance.settlements.claim_scenes import reviewer
from tests.insurance.settlements.liars import Liar
from tests.insurance.settlements.scheme_scenes import (
    ACCOUNT,
    CASH,
    FUND,
    SchemeMember,
    at_scheme,
    confirmed_supply,
    paid,
    scheme_member,
    supply,
)
from tests.insurance.settlements.settlement_scenes import (
    Pharmacy,
    VisitHospital,
    asked,
    confirmed,
    read,
)
from tests.platform import new_tenant
from tests.visits.scenes import FEE


def test_a_supply_is_tried_paid_settled_and_claimed(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, member: SchemeMember
) -> None:
    order, trial = supply(chemist, member)
    assert (trial["state"], trial["payer"]) == ("trial", "public_scheme")
    assert (trial["fund"], trial["account"], trial["cash"]) == (FUND, ACCOUNT, CASH)
    assert (trial["to_pay"], trial["expected_return"]) == (CASH, 0)
    assert sum(trial["fund_parts"].values()) == FUND
    for part, amount in (("fund", FUND), ("account", ACCOUNT), ("cash", CASH)):
        assert sum(line[part] for line in trial["lines"]) == amount
    assert at_scheme(scheme, trial["id"]) == "unknown"  # a trial holds nothing
    commit(world, chemist, member, trial)
    row = chemist.settlement(trial["id"])
    assert (chemist.order_now(order).settled_by, row.credential, row.due_at) == (trial["id"], None, None)
    assert (at_scheme(scheme, trial["id"]), member.used()["fund"]) == ("settled", FUND)
    chemist.hands_over(order)
    world.settle(chemist.scope, insurer.scope)
    claim = read(member.who, trial)["claim"]
    assert (claim["state"], claim["fund"], claim["account"], claim["returned"]) == ("settled", FUND, ACCOUNT, 0)
    desk = reviewer(world, insurer)
    (case,) = desk.ids("settled")
    shown = desk.fetch(case)
    assert (shown["fund"], shown["decision"]["account"], shown["decision"]["outcome"]) == (
        FUND + ACCOUNT, ACCOUNT, "partial",
    )  # fmt: skip
    books = chemist.books()
    assert (books[f"receivable:{insurer.scope.tenant}"], chemist.kept()) == (FUND + ACCOUNT, CASH)


def commit(world: World, chemist: Pharmacy, member: SchemeMember, trial: dict[str, str]) -> None:
    """Confirmed, paid, settled: one after the other."""
    paying = confirmed(member.who, trial, member.credential())
    assert paying["state"] == "paying"
    paid(world, chemist, paying)
    assert read(member.who, trial)["state"] == "committing"
    assert chemist.order_now(trial["subject"]).settled_by is None
    chemist.drive()
    assert read(member.who, trial)["state"] == "committed"


def test_a_visit_gives_back_what_the_scheme_bears(
    world: World, scheme: Scheme, insurer: Insurer, hospital: VisitHospital
) -> None:
    hospital.connect(scheme, insurer)
    member = scheme_member(world, scheme, insurer, account_balance=500)
    trial = asked(member.who, hospital.visit(member.who), member.coverage)
    assert (trial["fund"], trial["account"], trial["cash"]) == (2100, 500, FEE - 2600)
    assert (trial["to_pay"], trial["expected_return"]) == (0, 2600)
    answer = confirmed(member.who, trial, member.credential())
    assert answer["state"] == "committing"
    done = read(member.who, trial)
    assert (done["state"], done["claim"]["state"], done["claim"]["returned"]) == ("committed", "decided", 2600)
    assert hospital.refunds() == [2600]
    world.settle(hospital.scope, insurer.scope)
    desk = reviewer(world, insurer)
    assert len(desk.ids("decided")) == 1
    hospital.refunds_arrive()
    world.settle(hospital.scope, insurer.scope)
    assert (read(member.who, trial)["claim"]["state"], len(desk.ids("settled"))) == ("settled", 1)
    assert (hospital.books()[f"receivable:{insurer.scope.tenant}"], hospital.kept()) == (2600, FEE - 2600)


def test_a_supply_that_the_scheme_bears_alone_needs_no_bill(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy
) -> None:
    chemist.connect(scheme, insurer)
    member = scheme_member(world, scheme, insurer, account_balance=10**6)
    order, trial = supply(chemist, member)
    assert (trial["to_pay"], trial["cash"]) == (0, 0)
    assert confirmed(member.who, trial, member.credential())["bill"] is None
    assert read(member.who, trial)["state"] == "committed"
    chemist.ends(order)
    world.settle(chemist.scope)
    chemist.drive()
    assert read(member.who, trial)["state"] == "reversed"
    assert (member.used(), chemist.rows(Bill)) == ({"account_balance": 10**6, "deductible": 0, "fund": 0}, [])
    assert chemist.books()[f"receivable:{insurer.scope.tenant}"] == 0


def test_another_split_than_was_shown_is_not_settled(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    order, paying = confirmed_supply(chemist, member)
    scheme.faults(split_changed=1)
    paid(world, chemist, paying)
    chemist.drive()
    now = read(member.who, paying)
    assert (now["state"], now["reason"]) == ("refused", "split_changed")
    assert (chemist.refunds(), chemist.kept(), at_scheme(scheme, paying["id"])) == ([CASH], 0, "unknown")
    again = asked(member.who, order, member.coverage)
    assert again["state"] == "trial"
    paying = confirmed(member.who, again, member.credential())
    paid(world, chemist, paying)
    chemist.drive()
    assert (read(member.who, again)["state"], chemist.kept()) == ("committed", CASH)
    chemist.books()


@pytest.mark.parametrize("of", ["nobody", "another", "used"])
def test_a_credential_that_is_not_good_settles_nothing(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, member: SchemeMember, of: str
) -> None:
    code = {"nobody": "credential_unknown", "another": "credential_of_other", "used": "credential_used"}[of]
    credential = member.credential()
    if of == "nobody":
        credential = "made up"
    elif of == "another":
        credential = scheme_member(world, scheme, insurer).credential()
    else:
        first = confirmed(member.who, supply(chemist, member)[1], credential)
        paid(world, chemist, first)
        chemist.drive()
    kept = chemist.kept()
    paying = confirmed(member.who, supply(chemist, member)[1], credential)
    paid(world, chemist, paying)
    chemist.drive()
    now = read(member.who, paying)
    assert (now["state"], now["reason"], chemist.kept()) == ("refused", code, kept)
    chemist.books()


def test_a_scheme_that_does_not_answer_is_asked_again_and_then_no_more(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember
) -> None:
    scheme.faults(drop_before=2)
    order, shown = supply(chemist, member)
    assert (shown["state"], shown["to_pay"]) == ("asked", 0)
    chemist.drive()
    assert read(member.who, shown)["state"] == "trial"
    member.who.actor.do("POST", f"/settlements/{shown['id']}/cancellation")
    scheme.faults(drop_before=99)
    shown = asked(member.who, order, member.coverage)
    for _ in range(6):
        chemist.drive()
    now = read(member.who, shown)
    assert (now["state"], now["reason"]) == ("refused", "scheme_unavailable")


def test_the_scheme_asks_for_a_credential_and_the_provider_for_a_connection(
    world: World, scheme: Scheme, chemist: Pharmacy, member: SchemeMember, hospital: VisitHospital
) -> None:
    _, trial = supply(chemist, member)
    path, seen = f"/settlements/{trial['id']}/confirmation", f'"{trial["version"]}"'
    assert member.who.actor.refused(422, "POST", path, {}, If_Match=seen) == "credential_needed"
    wish = {"subject": hospital.visit(member.who), "coverage": str(member.coverage)}
    assert member.who.actor.refused(409, "POST", "/settlements", wish) == "scheme_not_connected"


def test_a_connection_is_made_once_and_shows_no_key(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy
) -> None:
    made = chemist.connect(scheme, insurer)
    page = chemist.administrator.do("GET", "/scheme-connections")
    assert [set(row) for row in page["data"]] == [{"id", "insurer", "url", "institution", "version"}]
    assert (page["data"][0]["id"], page["data"][0]["insurer"]) == (made, insurer.id)
    body = {"insurer": insurer.id, "url": scheme.url, "institution": "I", "key": "k" * 16}
    assert chemist.administrator.refused(409, "POST", "/scheme-connections", body) == "scheme_connected"
    bad = body | {"url": "http://10.0.0.1/"}
    assert ("/url", "destination_blocked_address") in chemist.administrator.rules("POST", "/scheme-connections", bad)
    assert chemist.clerk.refused(403, "POST", "/scheme-connections", body)
    other = world.insurer("public_scheme")
    _, pharmacy, _ = world.tenant("pharmacy")
    nobodys = [str(PublicId(TENANT_ID, scope, new_id())) for scope in (other.scope, new_tenant())]
    for wrong in (*nobodys, pharmacy):
        refused = chemist.administrator.refused(422, "POST", "/scheme-connections", body | {"insurer": wrong})
        assert refused == "not_an_insurer"
    assert insurer.administrator.refused(409, "POST", "/scheme-connections", body | {"insurer": other.id}) == (
        "not_a_provider"
    )


def test_a_connections_address_and_key_are_changed_in_the_version_that_was_seen(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, member: SchemeMember, liar: Liar
) -> None:
    (row,) = chemist.administrator.do("GET", "/scheme-connections")["data"]
    path, body = f"/scheme-connections/{row['id']}", {"url": liar.url, "key": "another key of theirs"}
    assert chemist.administrator.refused(428, "PUT", path, body) == "if_match_required"
    assert chemist.administrator.refused(412, "PUT", path, body, If_Match='"7"') == "stale_version"
    bad = body | {"url": "http://10.0.0.1/"}
    assert ("/url", "destination_blocked_address") in chemist.administrator.rules("PUT", path, bad, If_Match='"1"')
    changed = chemist.administrator.do("PUT", path, body, If_Match='"1"')
    assert changed == row | {"url": liar.url, "version": 2}
    liar.says(None, status=503)
    order = chemist.order(member.who, new_tenant())
    waiting = asked(member.who, order, member.coverage)
    assert (read(member.who, waiting)["state"], len(liar.asked)) == ("asked", 1)
    scheme.admit(f"I{chemist.number}", body["key"])
    chemist.administrator.do("PUT", path, body | {"url": scheme.url}, If_Match='"2"')
    chemist.drive()
    assert read(member.who, waiting)["state"] == "trial"


def test_somebody_whom_the_scheme_does_not_know(
    world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy
) -> None:
    chemist.connect(scheme, insurer)
    who = world.resident()
    coverage = world.covered(who, insurer)
    shown = asked(who, chemist.order(who, new_tenant()), coverage)
    assert (shown["state"], shown["reason"]) == ("refused", "person_unknown")


def test_nothing_clinical_stands_in_the_journal(
    world: World, scheme: Scheme, chemist: Pharmacy, insurer: Insurer, member: SchemeMember
) -> None:
    order, paying = confirmed_supply(chemist, member)
    paid(world, chemist, paying)
    chemist.drive()
    chemist.hands_over(order)
    world.settle(chemist.scope, insurer.scope)
    scopes: list[Scope] = [chemist.scope, insurer.scope]
    for scope in scopes:
        with unit(scope) as reading:
            told = repr([row.text for row in reading.all(reading.select(Entry))])
        for secret in ("86900001000011", "氨氯地平", "I10", member.number, member.who.name):
            assert secret not in told
