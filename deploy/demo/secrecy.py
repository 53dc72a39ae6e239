"""Who reads of a resident's prescription and claims: those concerned, and nobody else."""

from dataclasses import dataclass

from deploy.demo.cast import member
from deploy.demo.city import City
from deploy.demo.family import Team
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect


@dataclass(frozen=True)
class Traces:
    """What a resident's way left behind, by id."""

    visit: str
    bill: str
    prescription: str
    order: str
    settlement: str
    claim: str
    case: str


def strangers(resident: Person, traces: Traces, city: City, team: Team, progress: Progress) -> None:
    """The same paths, asked by those concerned and by people of the same professions elsewhere."""
    visit, bill = f"/visits/{traces.visit}", f"/bills/{traces.bill}"
    prescription, order = f"/prescriptions/{traces.prescription}", f"/routing-orders/{traces.order}"
    document, settlement = f"{order}/document", f"/settlements/{traces.settlement}"
    claim, case = f"/claims/{traces.claim}", f"/claim-cases/{traces.case}"
    with progress.step("strangers read nothing", "of a visit, prescription, order, settlement, claim: as if unknown"):
        clerk = member(city.pharmacy.tenant, "账务", "finance_clerk")
        reviewer = member(city.commercial.tenant, "核赔", "claims_reviewer")
        _found(resident, visit, f"{visit}/record", bill, prescription, order, settlement)
        _found(city.doctor, visit, prescription)
        _found(city.pharmacy.pharmacist, order, document)
        _found(clerk, claim)
        _found(reviewer, case)
        _nothing(Person(resident.world, "another resident"), visit, f"{visit}/record", bill, prescription, order)
        _nothing(team.doctor, visit, f"{visit}/record", prescription)
        _nothing(member(city.second, "别家药师", "pharmacist"), order, document, prescription)
        _nothing(member(city.second, "别家账务", "finance_clerk"), claim, bill)
        _nothing(member(city.public.tenant, "别家核赔", "claims_reviewer"), case)


def _found(person: Person, *paths: str) -> None:
    for path in paths:
        person.do("GET", path)


def _nothing(person: Person, *paths: str) -> None:
    if not person.token:
        person.sign_in()
    for path in paths:
        strange, unknown = person.ask("GET", path), person.ask("GET", _unknown(path))
        both = (strange.status_code, unknown.status_code)
        expect(both == (404, 404), f"{person.name}: {path} and an unknown one answered {both}")
        expect(strange.json()["code"] == unknown.json()["code"], f"{path} can be told apart from an unknown one")


def _unknown(path: str) -> str:
    """The same path with an id that nobody has."""
    _, kind, known, *rest = path.split("/")
    return "/".join(("", kind, f"{known.split('_')[0]}_0", *rest))
