"""What must not work, tried for real."""

from typing import Any

from deploy.demo.listening import Listener
from deploy.demo.onboarding import DOCTOR, Tenant
from deploy.demo.operators import Operators
from deploy.demo.people import Person, World
from deploy.demo.steps import Progress, expect, until

TRIES = 5


def wrong_codes(world: World, progress: Progress) -> None:
    """Five wrong codes end the challenge, and the right one after them is refused too."""
    person = Person(world, "guesser")
    with progress.step("five wrong codes", "each try is counted, the right code after them is refused"):
        person.do("POST", "/sign-in-codes", {"phone": person.phone})
        right = person.code()
        wrong = "000000" if right != "000000" else "000001"
        for _ in range(TRIES):
            person.refused(403, "POST", "/sign-ins", {"phone": person.phone, "code": wrong})
        answer = person.ask("POST", "/sign-ins", {"phone": person.phone, "code": right})
        expect(answer.status_code == 403, f"a spent challenge answered {answer.status_code}")


def strangers(north: Tenant, south: Tenant, progress: Progress) -> None:
    """Another tenant's administrator finds nothing, and cannot tell it from what does not exist."""
    with progress.step("a stranger reads nothing", "another tenant's ids answer 404, as unknown ids do"):
        member = north.administrator.do("GET", "/staff")["data"][0]
        strange = south.administrator.ask("POST", f"/staff/{member['id']}/ending")
        unknown = south.administrator.ask("POST", "/staff/sta_0/ending")
        expect(strange.status_code == unknown.status_code == 404, "a stranger was told more than nothing")
        expect(strange.json()["code"] == unknown.json()["code"], "strange and unknown ids can be told apart")
        ids = {one["id"] for one in south.administrator.do("GET", "/staff")["data"]}
        expect(member["id"] not in ids, "a stranger's list shows the member")


def leaving(hospital: Tenant, doctor: Person, listener: Listener, progress: Progress) -> None:
    """A member who left is out at once, in the middle of a sign-in."""
    with progress.step("a member leaves", "every token of the affiliation is dead at once; the hook is heard"):
        member = next(m for m in hospital.administrator.do("GET", "/staff")["data"] if m["name"] == DOCTOR["name"])
        expect(doctor.ask("GET", "/staff").status_code == 403, "a doctor may list the staff")
        hospital.administrator.do("POST", f"/staff/{member['id']}/ending")
        expect(doctor.ask("GET", "/staff").status_code == 401, "a former member's token still works")
        listener.wait_for("staff.ended")


def suspension(platform: Operators, pharmacy: Tenant, progress: Progress) -> None:
    """A suspended tenant's people cannot act until it is reinstated."""
    with progress.step("suspension", "the order travels as a relay; people cannot act; reinstated they can"):
        platform.decide(f"/tenants/{pharmacy.id}/suspension", {"reason": "飞行检查"})
        until(lambda: pharmacy.administrator.ask("GET", "/tenants/current").status_code == 401, "the suspension")
        platform.decide(f"/tenants/{pharmacy.id}/reinstatement", {"reason": "整改合格"})
        until(lambda: pharmacy.administrator.ask("GET", "/tenants/current").ok, "the reinstatement")


def receiver_down(hospital: Tenant, listener: Listener, progress: Progress) -> None:
    """A receiver that is down for a while hears every event after it is back, once per id."""
    with progress.step("receiver down and back", "every event heard, once per id, and the feed says the same"):
        before = hospital.administrator.do("GET", "/events?after=0&limit=100")["next_after"]
        listener.refuse(3)
        bodies = ({**DOCTOR, "name": f"新医师{number}"} for number in range(3))
        invited = {hospital.administrator.do("POST", "/staff", body)["member"]["id"] for body in bodies}
        feed = until(lambda: _about(invited, hospital, before), "three events in the feed")
        heard = until(lambda: _all_of(feed, listener), "every event at the receiver")
        expect(heard["refused"] == 3, f"the receiver was down for {heard['refused']} deliveries, not 3")
        expect(len(heard["events"]) == len(set(heard["arrivals"])), "an event came under two ids")
        by_id = {event["id"]: event for event in heard["events"]}
        expect(all(event == by_id[event["id"]] for event in feed), "feed and hooks differ")


def _about(invited: set[str], hospital: Tenant, after: int) -> list[dict[str, Any]] | None:
    """The events about who was invited, once there are as many; what happened before may still be arriving."""
    shown = hospital.administrator.do("GET", f"/events?after={after}&limit=100")["data"]
    feed = [event for event in shown if event["subject"] in invited]
    expect(len(feed) <= len(invited), f"the feed shows {len(feed)} events for {len(invited)} invitations")
    return feed if len(feed) == len(invited) else None


def _all_of(feed: list[dict[str, Any]], listener: Listener) -> dict[str, Any] | None:
    heard = listener.heard()
    return heard if {event["id"] for event in feed} <= {event["id"] for event in heard["events"]} else None


def twice(hospital: Tenant, progress: Progress) -> None:
    """The same request with the same key does it once."""
    with progress.step("sent twice", "one key, one effect, the same answer; another body is refused"):
        one = hospital.administrator.do("POST", "/staff", {**DOCTOR, "name": "王再"}, Idempotency_Key="twice")
        two = hospital.administrator.do("POST", "/staff", {**DOCTOR, "name": "王再"}, Idempotency_Key="twice")
        expect(one["member"]["id"] == two["member"]["id"], "two members were made")
        expect(not two.get("token"), "a secret was shown twice")
        hospital.administrator.refused(422, "POST", "/staff", {**DOCTOR, "name": "别人"}, Idempotency_Key="twice")
