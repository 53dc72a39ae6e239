"""Organizations of all five kinds join: application, check, approval, administrator, staff, client, webhooks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.listening import Credentials, Listener
from deploy.demo.operators import Operators
from deploy.demo.papers import paper, papers
from deploy.demo.people import Person, World
from deploy.demo.steps import Progress, expect, until

NAMES = {
    "hospital": "示范市第一医院",
    "clinic": "东湖社区卫生服务站",
    "family_doctor_team": "东湖家庭医生一队",
    "pharmacy": "安康大药房",
    "insurer": "示范商业保险",
}
DOCTOR = {
    "name": "陈立", "roles": ["doctor"], "subjects": ["03"],
    "registration_number": "DEMO-DOC-1", "registration_until": "2099-12-31",
}  # fmt: skip


@dataclass
class Tenant:
    """An organization that joined, and its administrator."""

    kind: str
    name: str
    id: str
    administrator: Person

    def entry(self) -> dict[str, Any] | None:
        """What the directory shows of it, or None."""
        path: str | None = f"/directory/tenants?name={self.name}&kind={self.kind}&limit=100"
        while path:
            page = self.administrator.do("GET", path)
            found: dict[str, Any] | None = next((one for one in page["data"] if one["id"] == self.id), None)
            if found:
                return found
            after = page["next_cursor"]
            path = f"/directory/tenants?name={self.name}&kind={self.kind}&limit=100&cursor={after}" if after else None
        return None


def apply(applicant: Person, kind: str, name: str, parent: str | None = None) -> dict[str, Any]:
    """Hand in an application with all its papers."""
    body = {"name": name, "kind": kind, "parent": parent, "documents": papers(kind)}
    answer: dict[str, Any] = applicant.do("POST", "/organization-applications", body)
    return answer


def join(world: World, platform: Operators, kind: str, name: str, parent: str | None = None) -> Tenant:
    """An organization from its application to its administrator acting for it."""
    applicant = Person(world, f"administrator of {name}")
    applicant.sign_in()
    application = apply(applicant, kind, name, parent)
    platform.decide(f"/organization-applications/{application['id']}/approval")
    decided = platform.first.do("GET", f"/organization-applications/{application['id']}")
    expect(decided["state"] == "approved", "the approval did not approve")
    return Tenant(kind, name, decided["tenant"], applicant.act_for(applicant.affiliation(name)["id"]))


def all_five(world: World, platform: Operators, progress: Progress) -> dict[str, Tenant]:
    """One organization of each kind, the team as a part of its clinic."""
    tenants: dict[str, Tenant] = {}
    for kind, name in NAMES.items():
        with progress.step(f"{kind} joins", "papers checked, tenant opened by a relay, administrator told"):
            parent = tenants["clinic"].id if kind == "family_doctor_team" else None
            tenants[kind] = join(world, platform, kind, name, parent)
            until(tenants[kind].entry, f"{name} in the directory")
    return tenants


def refused_papers(world: World, platform: Operators, progress: Progress) -> None:
    """Approval cannot be clicked while a paper is missing or ended; a rejection says why."""
    applicant = Person(world, "applicant without papers")
    applicant.sign_in()
    with progress.step("papers lacking", "approval refused with each missing paper named; rejected with a reason"):
        body = {
            "name": "无证药房", "kind": "pharmacy",
            "documents": [paper("drug_supply_license", days=-1)],
        }  # fmt: skip
        application = applicant.do("POST", "/organization-applications", body)["id"]
        answer = platform.first.ask("POST", f"/organization-applications/{application}/approval")
        expect(answer.status_code == 422, "an application without papers was approved")
        rules = {fault["rule"] for fault in answer.json()["errors"]}
        expect(rules == {"document_expired", "document_missing"}, f"other reasons were given: {rules}")
        platform.first.do("POST", f"/organization-applications/{application}/rejection", {"reason": "许可证已过期"})
        mine = applicant.do("GET", "/me/organization-applications")["data"][0]
        expect((mine["state"], mine["reason"]) == ("rejected", "许可证已过期"), "the applicant was not told why")


def staff_joins(world: World, hospital: Tenant, progress: Progress) -> Person:
    """A doctor is invited and joins; what the site does not hold is refused."""
    doctor = Person(world, "doctor")
    doctor.sign_in()
    with progress.step(
        "doctor joins", "registered within the site's subjects; refused outside them, and without a second factor"
    ):
        administrator = hospital.administrator
        administrator.refused(422, "POST", "/staff", {**DOCTOR, "subjects": ["99"]})
        token = administrator.do("POST", "/staff", DOCTOR)["token"]
        member = doctor.do("POST", "/staff-invitations/acceptance", {"token": token})
        doctor.affiliation(hospital.name)
        missing = doctor.refused(403, "POST", f"/me/affiliations/{member['id']}/tokens")
        expect(missing == "second_factor_missing", "a doctor acted without a second factor")
        acting = doctor.act_for(member["id"])
        acting.do("POST", "/presences")
        return acting


def systems_join(tenant: Tenant, logs: Path, progress: Progress) -> Listener:
    """The tenant's system signs in as itself, registers an endpoint, proves it, and hears what happened."""
    with progress.step("system listens", "client credentials, challenge answered, signed hooks verified"):
        wanted = {"name": "hospital system", "permissions": ["events.read", "webhooks.manage"]}
        client = tenant.administrator.do("POST", "/api-clients", wanted)
        return Listener.start(
            tenant.administrator.world.platform, Credentials(client["client"]["id"], client["client_secret"]),
            ["staff.invited", "staff.joined", "staff.ended", "client.registered"], logs,
        )  # fmt: skip


def doctor_of(hospital: Tenant) -> dict[str, Any]:
    """The doctor who joined, as the hospital's administrator sees them."""
    staff = hospital.administrator.do("GET", "/staff")["data"]
    return next(member for member in staff if member["name"] == DOCTOR["name"])
