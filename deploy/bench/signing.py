"""Signing a prescription over HTTP: how long from a doctor's request to the arrival of its public event at a hook."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from deploy.bench.measure import Figures, Meter, play, shown
from deploy.bench.receiver import Arrivals
from deploy.demo import desks, stock
from deploy.demo.booking import Gateway, cashier
from deploy.demo.cast import member
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person
from deploy.demo.steps import Progress, until
from deploy.demo.visiting import pay

SIGNED = "prescription.pending_review"
"""What a signature makes public: the prescription stands in the pharmacists' queue."""
PACED = 60
PACE = 5
"""Signatures a second, while it is measured how long each takes."""
RUSH = 40
"""Signatures as fast as they are answered, from which requests a second are told."""
PATIENCE = 40
"""Seconds for news from the gateway to arrive."""
THREADS = 4


def drafts(
    hospital: Tenant, doctor: Person, gateway: Gateway, people: Sequence[Person], visits: Sequence[str]
) -> list[str]:
    """A prescription to be signed for each of so many people, who pay for their visit first; returns their ids."""
    cashier(hospital, gateway, Progress(show=False))
    doctor.do("POST", "/signing-keys")
    pharmacist = member(hospital, "高药师", "pharmacist")
    for medicine in stock.FORMULARY:
        pharmacist.do("POST", "/medicines", medicine)

    def draft(number: int) -> str:
        _pay(people[number], f"/visits/{visits[number]}", gateway)
        desks.conclude(doctor, f"/visits/{visits[number]}")
        wanted = desks.written(visits[number], [stock.line(stock.AMLODIPINE)])
        return str(doctor.do("POST", "/prescriptions", wanted)["id"])

    with ThreadPoolExecutor(THREADS) as executor:
        return list(executor.map(draft, range(PACED + RUSH)))


def _pay(resident: Person, path: str, gateway: Gateway) -> None:
    def shown() -> Any:
        return resident.do("GET", path)["visit"]

    pay(resident, shown()["bill"], gateway, PATIENCE)
    until(lambda: shown()["state"] == "paid", "the visit in the queue", PATIENCE)


def sign(
    doctor: Person, known: Sequence[str], arrivals: Arrivals, meter: Meter, settled: Callable[[], None]
) -> Figures:
    """From the doctor's request to the arrival of its hook, at `PACE` a second; what one costs altogether; and how many
    requests a second are answered without that pace.
    """
    before, figures, asked = arrivals.count, Figures(), list[float]()
    paced, rush = known[:PACED], known[PACED:]
    with meter.counting(figures, len(paced), settled):
        for one in paced:
            asked.append(time.monotonic())
            _sign(doctor, one)
            time.sleep(1 / PACE)
        arrivals.wait(before + len(paced))
    taken = [(arrivals.at(before + number) - at) * 1000 for number, at in enumerate(asked)]
    with meter.counting(fast := Figures(), len(rush), settled):
        play(lambda number: _sign(doctor, rush[number]), len(rush), THREADS)
    return shown({**figures, "rps": fast["rps"]}, taken)


def _sign(doctor: Person, prescription: str) -> None:
    doctor.do("POST", f"/prescriptions/{prescription}/signature", {"acknowledged": []})
