"""Reading a visit as its doctor, over HTTP: the first look at a resident makes an entry, the next find its mark."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from deploy.bench.measure import Figures, Meter, play, shown
from deploy.demo import booking as demo
from deploy.demo import onboarding
from deploy.demo.people import Person

VISITS = 150
REPEATS = 4
THREADS = 8
NAME = "欧阳兰"
FEE = 3000
MOST_NUMBERS = 10**6
"""Identity numbers to begin with; they are made up."""


def visits(hospital: onboarding.Tenant, people: Sequence[Person]) -> list[str]:
    """A visit of each of `people`, who are signed in, with the hospital's doctor; returns their public ids."""
    doctor = onboarding.doctor_of(hospital)["id"]
    hospital.administrator.do("PUT", f"/staff-fees/{doctor}", {"text_visit": FEE})
    first = secrets.randbelow(MOST_NUMBERS)

    def ask(number: int) -> str:
        identity = {"name": NAME, "number": demo.identity_number(first + number)}
        people[number].do("POST", "/me/resident/verification", identity)
        return str(people[number].do("POST", "/visits", _wish(doctor))["id"])

    with ThreadPoolExecutor(THREADS) as executor:
        return list(executor.map(ask, range(len(people))))


def _wish(doctor: str) -> dict[str, Any]:
    evidence = {
        "kind": "outpatient_record", "institution": "示范市第二医院", "diagnosis_code": "I10.x05",
        "date": datetime.now(demo.ZONE).date().isoformat(),
    }  # fmt: skip
    return {
        "doctor": doctor, "subject": "03", "legal_basis": "follow_up", "complaint": "血压复诊", "evidence": evidence,
    }  # fmt: skip


def read(doctor: Person, known: Sequence[str], meter: Meter, settled: Callable[[], None]) -> Figures:
    """The doctor reads each of the visits `known` once; what that costs until everything that it caused is done."""
    figures = Figures()

    def act(number: int) -> None:
        doctor.do("GET", f"/visits/{known[number]}")

    with meter.counting(figures, len(known), settled):
        taken = play(act, len(known), THREADS)
    return shown(figures, taken)
