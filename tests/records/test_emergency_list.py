"""The institution's emergency accesses in a list: for who reviews them and who administers it."""

from app.identity.api import Role
from app.records.rules.emergencies import Verdict
from app.records.service.emergencies import close, emergency_id, review
from tests.records.scenes import World, house, opened_access, resident


def test_administrators_and_officers_list_who_opened_and_nobodys_health(world: World) -> None:
    south, who = house(), resident()
    past = emergency_id(opened_access(south, who).row)
    close(south.viewer, past)
    review(south.acting(south.member(Role.PRIVACY_OFFICER)), past, Verdict.JUSTIFIED, "x")
    first = opened_access(south, who, south.member(Role.DOCTOR))
    second = opened_access(south, who)
    opened_access(house(), who)
    waiting = [str(emergency_id(one.row)) for one in (second, first)]
    for role in (Role.TENANT_ADMINISTRATOR, Role.PRIVACY_OFFICER):
        actor, _ = world.staff(south, role)
        page = actor.do("GET", "/emergency-accesses?reviewed=false&limit=1")
        rest = actor.do("GET", f"/emergency-accesses?reviewed=false&limit=1&cursor={page['next_cursor']}")
        assert [one["id"] for one in page["data"] + rest["data"]] == waiting
        assert page["data"][0].keys().isdisjoint({"resident", "reason", "explanation", "findings"})
        assert [one["state"] for one in actor.do("GET", "/emergency-accesses?reviewed=true")["data"]] == ["justified"]
        assert len(actor.do("GET", "/emergency-accesses")["data"]) == 3
        if role is Role.TENANT_ADMINISTRATOR:
            assert actor.refused(403, "GET", f"/emergency-accesses/{waiting[0]}") == "forbidden"
