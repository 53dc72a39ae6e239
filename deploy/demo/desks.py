"""What staff does with what waits in their queues: a doctor, a reviewing pharmacist, the people of a pharmacy."""

from contextlib import AbstractContextManager, ExitStack
from typing import Any

from deploy.demo import stock
from deploy.demo.city import City
from deploy.demo.people import Person
from deploy.demo.visiting import RECORD
from deploy.demo.working import CALLED, Desk

PASSED = {"checks": {"legality": True, "completeness": True, "appropriateness": True}, "answered": []}
MEDICINES = (stock.AMLODIPINE, stock.LOSARTAN)


def treat(doctor: Person, visit: dict[str, Any]) -> None:
    """Take a visit, answer, record, complete, and prescribe."""
    conclude(doctor, f"/visits/{visit['id']}")
    prescribe(doctor, visit["id"], [stock.line(medicine) for medicine in MEDICINES])


def conclude(doctor: Person, path: str, *, evidence: bool = True) -> None:
    """Take a visit, accept its `evidence` if it has some, answer, record, complete."""
    doctor.do("POST", f"{path}/taking")
    if evidence:
        doctor.do("POST", f"{path}/evidence-acceptance")
    doctor.do("POST", f"{path}/messages", {"text": "血压控制平稳，续用原方案。"})
    tag = doctor.ask("GET", f"{path}/record").headers["ETag"]
    doctor.do("PUT", f"{path}/record", RECORD, If_Match=tag)
    doctor.do("POST", f"{path}/completion")


def prescribe(doctor: Person, visit: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Write a prescription and sign it, in spite of warnings alone."""
    draft = doctor.do("POST", "/prescriptions", written(visit, lines, **more))
    seen = [one["code"] for one in draft["findings"] if one["severity"] == "warn"]
    signed: dict[str, Any] = doctor.do("POST", f"/prescriptions/{draft['id']}/signature", {"acknowledged": seen})
    return signed


def written(visit: str, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """What a doctor sends to write a prescription."""
    return {"visit": visit, "lines": lines, "diagnoses": RECORD["diagnoses"], **more}


def review(pharmacist: Person, queued: dict[str, Any]) -> None:
    """Take a review and let the prescription pass, having answered every finding."""
    path = f"/prescription-reviews/{queued['id']}"
    pharmacist.do("POST", f"{path}/taking")
    findings = pharmacist.do("GET", f"/prescriptions/{queued['prescription']}")["findings"]
    pharmacist.do("POST", f"{path}/passing", {**PASSED, "answered": [one["code"] for one in findings]})


def step_on(action: str) -> Any:
    """What somebody of a pharmacy does with every order in their queue."""

    def work(person: Person, order: dict[str, Any]) -> None:
        person.do("POST", f"/routing-orders/{order['id']}/{action}")

    return work


def open_desks(city: City) -> AbstractContextManager[list[Desk]]:
    """Everybody at their desk until the block ends, which raises Broken where something went wrong at one."""
    shop = city.pharmacy
    reviewer = Desk(city.reviewer, "/prescription-reviews?state=queued&limit=100", review)
    doctor = Desk(city.doctor, "/doctor/visits?state=paid&limit=100", treat, reviewer)
    verifier = _called(_twin(shop.pharmacist), "preparing", "verification")
    preparer = _called(shop.preparer, "checked", "preparation", verifier)
    checker = Desk(shop.pharmacist, "/routing-orders?state=accepted&limit=100", step_on("check"), preparer)
    return _Desks([doctor, reviewer, checker, preparer, verifier])


def _called(person: Person, state: str, action: str, then: Desk | None = None) -> Desk:
    """Somebody of a pharmacy who goes on with what a colleague beside them has done."""
    return Desk(person, f"/routing-orders?state={state}&limit=100", step_on(action), then, CALLED)


def _twin(person: Person) -> Person:
    """The same person at a second desk, with a connection of its own."""
    return Person(person.world, person.name, person.phone, person.token, proving=person.proving)


class _Desks(AbstractContextManager[list[Desk]]):
    def __init__(self, desks: list[Desk]) -> None:
        self._desks, self._stack = desks, ExitStack()

    def __enter__(self) -> list[Desk]:
        for desk in self._desks:
            self._stack.enter_context(desk)
        return self._desks

    def __exit__(self, *raised: object) -> None:
        """Everybody goes home; what went wrong at a desk is told before what others waited for in vain."""
        self._stack.close()
        for desk in self._desks:
            desk.check()
