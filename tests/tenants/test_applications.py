"""Organizations apply, are approved or rejected, and open."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import run, unit
from tenants.models import Application, License, Profile, Staff
from tenants.names import APPLICATION_ID, OPEN, PLATFORM, TENANT_ID
from tenants.service.opening import take_opening
from tests.days import today
from tests.tenants.world import Actor, World, at_once, paper, recorded

DECIDE = "/organization-applications/{}/{}"


def decide(by: Actor, application: dict[str, Any], how: str) -> int:
    body = {"reason": "no"} if how == "rejection" else None
    return by.ask("POST", DECIDE.format(application["id"], how), body).status_code


def openings(application: dict[str, Any]) -> list[str]:
    """The entries that opened a tenant for an application."""
    subject = application["id"]
    query = select(Entry.text).where(
        Entry.tenant_id == PLATFORM.tenant, Entry.subject == subject, Entry.type == "organization_application.approved"
    )
    with unit(PLATFORM) as reading:
        return list(reading.session.scalars(query))


def test_an_approved_application_opens_a_tenant(world: World) -> None:
    applicant = world.person()
    application = world.apply(applicant, "pharmacy", "安康大药房")
    assert application["state"] == "submitted"
    assert application["tenant"] is None
    approved = world.approve(application)
    assert (approved["state"], approved["version"]) == ("approved", 2)
    scope = PublicId.parse(approved["tenant"], TENANT_ID).scope
    world.settle(scope)
    affiliation = applicant.do("GET", "/me/affiliations")["data"][0]
    assert affiliation["tenant_name"] == "安康大药房"
    assert affiliation["roles"] == ["tenant_administrator"]
    opened = world.act(applicant, affiliation["id"]).do("GET", "/tenants/current")
    assert (opened["id"], opened["kind"], opened["state"]) == (approved["tenant"], "pharmacy", "active")
    assert opened["capabilities"] == ["sell_online", "supply_medicines"]
    assert recorded(scope)[:2] == ["tenant.opened", "staff.joined"]


def test_two_operators_open_one_tenant(world: World) -> None:
    application = world.apply(world.person(), "insurer")
    proposed = world.operator.do("POST", DECIDE.format(application["id"], "approval"))["id"]
    confirmation = f"/proposals/{proposed}/confirmation"
    answers = at_once(*[lambda: world.second.ask("POST", confirmation).status_code] * 4)
    assert sorted(answers) == [200, 409, 409, 409]
    world.settle()
    assert len(openings(application)) == 1


def test_approving_and_rejecting_at_once_does_one(world: World) -> None:
    applicant = world.person()
    application = world.apply(applicant, "insurer")
    proposed = world.operator.do("POST", DECIDE.format(application["id"], "approval"))["id"]
    statuses = at_once(
        lambda: world.second.ask("POST", f"/proposals/{proposed}/confirmation").status_code,
        lambda: decide(world.operator, application, "rejection"),
    )
    answers = dict(zip(("approval", "rejection"), statuses, strict=True))
    assert sorted(answers.values()) == [200, 409]
    world.settle()
    state = applicant.do("GET", "/me/organization-applications")["data"][0]["state"]
    assert state == ("approved" if answers["approval"] == 200 else "rejected")
    assert len(openings(application)) == (state == "approved")


def test_every_tenant_has_a_number_of_its_own(world: World) -> None:
    applications = [world.apply(world.person(), "insurer") for _ in range(4)]

    def approve(application: dict[str, Any]) -> str:
        return str(world.approve(application)["tenant"])

    opened = at_once(*[lambda one=one: approve(one) for one in applications])
    assert len({PublicId.parse(tenant, TENANT_ID).scope for tenant in opened}) == 4


def test_an_opening_that_is_carried_again_changes_nothing(world: World) -> None:
    pharmacy = world.open("pharmacy")
    relay = world.relay(PLATFORM, OPEN, pharmacy.scope)
    world.send_again(PLATFORM, relay)
    assert carry(PLATFORM, world.heard.handlers)
    with unit(pharmacy.scope) as reading:
        assert len(reading.all(reading.select(Profile))) == 1
        assert len(reading.all(reading.select(License))) == 2
        assert len(reading.all(reading.select(Staff))) == 1


def test_an_opening_names_the_papers_once_and_all(world: World) -> None:
    scope, application = Scope.for_tenant(2**50 + new_id().int % 2**40), new_id()
    payload = {
        "application": str(application), "name": "x", "kind": "insurer", "parent": None,
        "documents": [paper("insurer_license")], "administrator": str(new_id()),
    }  # fmt: skip
    relay = Incoming(new_id(), PLATFORM, str(PublicId(APPLICATION_ID, PLATFORM, application)), OPEN, payload)
    assert run(scope, lambda opened: take_opening(opened, relay)) == {}
    with unit(scope) as reading:
        held = reading.all(reading.select(License))
        assert [(one.kind, one.state) for one in held] == [("insurer_license", "valid")]


def test_applicants_see_their_own_and_nobody_elses(world: World) -> None:
    one, two = world.person(), world.person()
    world.apply(one, "insurer", "一")
    world.apply(two, "insurer", "二")
    assert [seen["name"] for seen in one.do("GET", "/me/organization-applications")["data"]] == ["一"]
    assert [seen["name"] for seen in two.do("GET", "/me/organization-applications")["data"]] == ["二"]


def test_the_list_of_the_operator_is_the_operators(world: World) -> None:
    applicant, tenant = world.person(), world.open("insurer")
    application = world.apply(applicant, "insurer")
    path = f"/organization-applications/{application['id']}"
    seen = [one["id"] for one in world.all(world.operator, "/organization-applications")]
    assert application["id"] in seen
    assert world.operator.do("GET", path)["id"] == application["id"]
    for other in (applicant, tenant.administrator):
        assert other.refused(403, "GET", "/organization-applications") == "forbidden"
        assert other.refused(403, "GET", path) == "forbidden"
    assert world.stranger().refused(401, "GET", path) == "unauthenticated"


def test_nobody_else_decides(world: World) -> None:
    decisions = [
        ("POST", "/organization-applications/{application}/approval"),
        ("POST", "/organization-applications/{application}/rejection"),
        ("POST", "/tenants/{tenant}/suspension"),
        ("POST", "/tenants/{tenant}/reinstatement"),
        ("GET", "/license-reviews"),
        ("POST", "/license-reviews/{application}/approval"),
        ("POST", "/license-reviews/{application}/rejection"),
        ("POST", "/licenses/{application}/revocation"),
    ]
    applicant, tenant = world.person(), world.open("insurer")
    application = world.apply(applicant, "insurer")["id"]
    client = world.client(tenant, "events.read")
    strangers = {"applicant": applicant, "administrator": tenant.administrator, "client": client}

    def answered(who: Actor, method: str, path: str) -> tuple[int, str]:
        written = path.format(application=application, tenant=tenant.id)
        answer = who.ask(method, written, {"reason": "x"})
        return answer.status_code, answer.get_json()["code"]

    assert {
        (name, *decision): answered(who, *decision) for name, who in strangers.items() for decision in decisions
    } == {(name, *decision): (403, "forbidden") for name in strangers for decision in decisions}
    nobody = world.stranger()
    assert {decision: answered(nobody, *decision) for decision in decisions} == dict.fromkeys(
        decisions, (401, "unauthenticated")
    )
    assert applicant.do("GET", "/me/organization-applications")["data"][0]["state"] == "submitted"


def test_a_rejected_applicant_reads_why(world: World) -> None:
    applicant = world.person()
    application = world.apply(applicant, "insurer")
    rejected = world.operator.do("POST", DECIDE.format(application["id"], "rejection"), {"reason": "印章不清"})
    assert rejected["reason"] == "印章不清"
    mine = applicant.do("GET", "/me/organization-applications")["data"][0]
    assert (mine["state"], mine["reason"], mine["tenant"]) == ("rejected", "印章不清", None)
    assert world.operator.refused(409, "POST", DECIDE.format(application["id"], "approval")) == "application_decided"
    assert application["id"] not in [one["id"] for one in world.all(world.operator, "/organization-applications")]


def test_ids_that_name_no_application_are_not_found(world: World, clinic: Any) -> None:
    made_up = str(PublicId(APPLICATION_ID, PLATFORM, new_id()))
    elsewhere = str(PublicId(APPLICATION_ID, clinic.scope, new_id()))
    for id in (made_up, elsewhere, "orgapp_0", clinic.id):
        assert world.operator.refused(404, "POST", DECIDE.format(id, "approval")) == "not_found"
        assert world.operator.refused(404, "GET", f"/organization-applications/{id}") == "not_found"


def test_lacking_papers_are_each_named_and_can_be_shown_later(world: World) -> None:
    applicant = world.person()
    expired = paper("drug_supply_license", until=today() - timedelta(days=365))
    application = world.apply(applicant, "pharmacy", documents=[expired])
    path = DECIDE.format(application["id"], "approval")
    answer = world.operator.ask("POST", path)
    assert answer.json
    assert answer.json["code"] == "papers_lacking"
    found = world.operator.rules("POST", path)
    assert found == {("/documents", "document_expired"), ("/documents", "document_missing")}
    assert applicant.do("GET", "/me/organization-applications")["data"][0]["state"] == "submitted"


def test_papers_of_another_kind_and_papers_twice_are_refused(world: World) -> None:
    applicant, once = world.person(), paper("insurer_license")
    body = {"name": "x", "kind": "insurer", "documents": [once, once, paper("clinic_filing")]}
    assert applicant.rules("POST", "/organization-applications", body) == {
        ("/documents/0/number", "document_twice"),
        ("/documents/1/number", "document_twice"),
        ("/documents/2/kind", "document_not_of_kind"),
    }
    for kind in ("platform", "regulator", "bank"):
        assert applicant.refused(422, "POST", "/organization-applications", {**body, "kind": kind})
    assert applicant.do("GET", "/me/organization-applications")["data"] == []


def test_a_team_belongs_to_an_open_clinic(world: World, clinic: Any, pharmacy: Any) -> None:
    orphan = world.apply(world.person(), "family_doctor_team")
    assert world.operator.rules("POST", DECIDE.format(orphan["id"], "approval")) == {("/parent", "parent_not_open")}
    team = world.open("family_doctor_team", parent=clinic.id)
    assert team.administrator.do("GET", "/tenants/current")["kind"] == "family_doctor_team"
    waiting = world.apply(world.person(), "family_doctor_team", parent=clinic.id)
    world.decide(f"/tenants/{clinic.id}/suspension", {"reason": "x"})
    world.settle(clinic.scope)
    assert world.operator.rules("POST", DECIDE.format(waiting["id"], "approval")) == {("/parent", "parent_not_open")}


def test_a_parent_is_one_that_the_directory_shows(world: World, clinic: Any, pharmacy: Any) -> None:
    person = world.person()
    by_person = str(PublicId(TENANT_ID, Scope.for_person(person.id), new_id()))
    made_up = str(PublicId(TENANT_ID, clinic.scope, new_id()))
    unheard = str(PublicId(TENANT_ID, Scope.for_tenant(2**52), new_id()))

    def rules(kind: str, parent: str) -> set[tuple[str, str]]:
        documents = [paper("clinic_filing" if kind != "insurer" else "insurer_license")]
        body = {"name": "x", "kind": kind, "parent": parent, "documents": documents}
        return person.rules("POST", "/organization-applications", body)

    for parent in (by_person, made_up, unheard):
        assert rules("family_doctor_team", parent) == {("/parent", "parent_unknown")}
    assert rules("family_doctor_team", pharmacy.id) == {("/parent", "parent_not_of_kind")}
    assert rules("insurer", clinic.id) == {("/parent", "parent_not_of_kind")}


def test_one_key_makes_one_application(world: World) -> None:
    applicant = world.person()
    body = {"name": "x", "kind": "insurer", "documents": [paper("insurer_license")]}
    one = applicant.do("POST", "/organization-applications", body, Idempotency_Key="once")
    two = applicant.do("POST", "/organization-applications", body, Idempotency_Key="once")
    assert one == two
    mine = (Application.tenant_id == PLATFORM.tenant, Application.resident_id == applicant.id)
    with unit(PLATFORM) as reading:
        assert len(reading.all(reading.select(Application).where(*mine))) == 1
