"""A provider's office asks whether the resident of an open visit is covered."""

from datetime import timedelta
from typing import Any

from app.core.ids import PublicId, new_id
from app.core.looks import Look
from app.core.relays import Answer, Handler, Incoming
from app.core.scope import Scope
from app.core.unit import run, unit
from app.visits.ids import visit_public_id
from app.visits.models import Visit
from insurance.models.coverages import BenefitCounters
from insurance.names import ELIGIBILITY_ANSWER, ELIGIBILITY_FORWARD
from insurance.service.eligibility import take_answer, take_forwarded
from tests.insurance.scenes import Insured, Insurer, World, today
from tests.tenants.world import Actor
from tests.visits.scenes import Clinic


class Office:
    """A hospital's office, with a visit of a resident."""

    def __init__(self, world: World, who: Insured) -> None:
        """Let the resident have a visit that is paid."""
        self.world, self.clinic, self.who = world, Clinic(), who
        self.clerk: Actor = world.staff(self.clinic.scope, "finance_clerk")
        self.visit: Visit = self.clinic.paid(world.platform, person=who.actor.id)
        world.settle(self.clinic.scope, who.scope)

    def ask(self) -> dict[str, Any]:
        """The question, as it is answered at once."""
        path = f"/visits/{visit_public_id(self.visit)}/eligibility-checks"
        asked: dict[str, Any] = self.clerk.do("POST", path)
        return asked

    def read(self, check: dict[str, Any]) -> dict[str, Any]:
        """The question later."""
        found: dict[str, Any] = self.clerk.do("GET", f"/eligibility-checks/{check['id']}")
        return found

    def told(self, *insurers: Insurer) -> str:
        """What is answered in the end."""
        check = self.ask()
        self.world.settle(self.clinic.scope, self.who.scope, *(insurer.scope for insurer in insurers))
        return str(self.read(check)["answer"])


def test_a_coverage_in_force(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    world.covered(who, insurer)
    office = Office(world, who)
    check = office.ask()
    assert (check["answer"], check["as_of"], check["visit"]) == ("unknown", None, str(visit_public_id(office.visit)))
    assert office.read(check) == check
    world.settle(office.clinic.scope, who.scope, insurer.scope)
    told = office.read(check)
    assert (told["answer"], told["version"]) == ("in_force", 2)
    assert told["as_of"] > told["asked_at"]
    with unit(insurer.scope) as reading:
        assert reading.all(reading.select(BenefitCounters)) == []


def test_who_asked_is_in_the_persons_journal(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    world.covered(who, insurer)
    office = Office(world, who)
    office.told(insurer)
    world.settle(who.scope)
    entries = who.actor.do("GET", "/me/journal?limit=100")["data"]
    asked = [entry for entry in entries if entry["type"] == "eligibility.asked"]
    assert [PublicId.parse(entry["subject"], "elg").scope for entry in asked] == [office.clinic.scope]


def test_reading_the_answer_is_a_look(world: World) -> None:
    office = Office(world, world.resident())
    office.told()
    with unit(office.clinic.scope) as reading:
        looks = [row for row in reading.all(reading.select(Look)) if row.purpose == "eligibility"]
    assert [row.resident_id for row in looks] == [office.who.actor.id]


def test_somebody_without_a_coverage(world: World) -> None:
    assert Office(world, world.resident()).told() == "not_in_force"


def test_a_coverage_that_ended(world: World) -> None:
    """The insurer is asked: the person's own copy does not know of the end yet."""
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who)
    who.actor.do("POST", "/me/coverages", insurer.wish(member))
    world.settle(who.scope, insurer.scope)
    office = Office(world, who)
    yesterday = (today() - timedelta(days=1)).isoformat()
    ending = {"reason": "left", "last_day": yesterday}
    insurer.administrator.do("POST", f"/members/{member['id']}/ending", ending)
    assert who.actor.do("GET", "/me/coverages")["data"][0]["state"] == "active"
    assert office.told(insurer) == "not_in_force"


def test_the_last_covered_day_is_today(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    world.covered(who, insurer)
    member = insurer.administrator.do("GET", "/members")["data"][0]
    insurer.administrator.do("POST", f"/members/{member['id']}/ending", {"reason": "left"})
    world.settle(insurer.scope)
    assert Office(world, who).told(insurer) == "in_force"


def test_a_suspended_insurer_says_nothing(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    world.covered(who, insurer)
    world.suspend(insurer)
    assert Office(world, who).told(insurer) == "unknown"


def test_only_of_an_open_visit_of_ones_own(world: World) -> None:
    office, elsewhere = Office(world, world.resident()), Office(world, world.resident())
    path = f"/visits/{visit_public_id(office.visit)}/eligibility-checks"
    assert elsewhere.clerk.refused(404, "POST", path) == "not_found"
    assert office.who.actor.ask("POST", path).status_code in (403, 404)
    assert world.staff(office.clinic.scope, "doctor").refused(403, "POST", path)
    waiting = office.clinic.asked()
    not_open = f"/visits/{visit_public_id(waiting)}/eligibility-checks"
    assert office.clerk.refused(409, "POST", not_open) == "visit_not_open"
    check = office.ask()
    assert elsewhere.clerk.refused(404, "GET", f"/eligibility-checks/{check['id']}") == "not_found"


def heard(handler: Handler, scope: Scope, relay: Incoming) -> Answer:
    """What a handler answers to a relay."""
    return run(scope, lambda opened: handler(opened, relay))


def test_the_first_answer_stays(world: World) -> None:
    office = Office(world, world.resident())
    check = office.ask()
    known = PublicId.parse(check["id"], "elg")
    for said, answer in (("not_in_force", {}), ("in_force", {"refused": "nothing_asked"})):
        payload = {"id": str(known.id), "answer": said, "as_of": check["asked_at"]}
        relay = Incoming(new_id(), office.who.scope, check["id"], ELIGIBILITY_ANSWER, payload)
        assert heard(take_answer, office.clinic.scope, relay) == answer
    assert office.read(check)["answer"] == "not_in_force"


def test_only_the_covered_person_passes_a_question_on(world: World) -> None:
    insurer, who, other = world.insurer(), world.resident(), world.resident()
    coverage = world.covered(who, insurer)
    payload = {"id": str(new_id()), "provider": world.insurer().scope.tenant, "coverage": str(coverage.id)}
    for giver, answer in ((other.scope, {"refused": "unknown_coverage"}), (who.scope, {})):
        relay = Incoming(new_id(), giver, "elg", ELIGIBILITY_FORWARD, payload)
        assert heard(take_forwarded, insurer.scope, relay) == answer
