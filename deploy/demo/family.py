"""A resident and a family-doctor team: the contract, and a visit that rests on it."""

from dataclasses import dataclass

from deploy.demo import visiting
from deploy.demo.booking import Gateway, cashier
from deploy.demo.cast import member, staff_id
from deploy.demo.desks import conclude
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

DOCTOR = "方全科"


@dataclass(frozen=True)
class Team:
    """A family-doctor team and its doctor."""

    tenant: Tenant
    doctor: Person
    doctor_id: str


def opened(team: Tenant, gateway: Gateway, progress: Progress) -> Team:
    """The team's doctor joins; text visits with them have a fee."""
    with progress.step("team ready", "its doctor has joined; licensed for visits online as a part of its clinic"):
        doctor = member(team, DOCTOR, "doctor", subjects=(visiting.SUBJECT,))
        known = staff_id(team, DOCTOR)
        cashier(team, gateway, Progress(show=False))
        visiting.fee(team, known, Progress(show=False))
        return Team(team, doctor, known)


def visited(resident: Person, team: Team, gateway: Gateway, progress: Progress) -> None:
    """Without a contract there is no visit on one; with it no evidence is asked for."""
    wanted = {**visiting.wish(team.doctor_id), "legal_basis": "family_contract", "evidence": None}
    with progress.step("family-doctor contract", "no legal basis before the team has taken the resident"):
        code = resident.refused(422, "POST", "/visits", wanted)
        expect(code == "no_family_contract", f"a visit without a contract was refused as {code}")
        asked = {"team": team.tenant.id, "package": "basic", "term_years": 1}
        contract = resident.do("POST", "/family-contracts", asked)["id"]
        code = resident.refused(422, "POST", "/visits", wanted)
        expect(code == "no_family_contract", f"a contract that nobody took was a basis, or refused as {code}")
        team.doctor.do("POST", f"/family-contracts/{contract}/acceptance")
        until(lambda: _own(resident, contract) == "active", "the contract among the resident's own")
    with progress.step("visit by contract", "on the contract, without evidence: paid, answered, completed"):
        visit = resident.do("POST", "/visits", wanted)
        visiting.pay(resident, visit["bill"], gateway)
        path = f"/visits/{visit['id']}"
        until(lambda: resident.do("GET", path)["visit"]["state"] == "paid", "the visit in the queue", visiting.PATIENCE)
        conclude(team.doctor, path, evidence=False)
        expect(resident.do("GET", path)["visit"]["state"] == "completed", "the visit is not completed")


def _own(resident: Person, contract: str) -> str:
    rows = resident.do("GET", "/me/family-contracts")["data"]
    return next((str(one["state"]) for one in rows if one["id"] == contract), "")
