"""What must not happen around prescriptions and medicines, tried for real by a resident who has no insurance."""

from dataclasses import dataclass
from typing import Any

from deploy.demo import journey, stock
from deploy.demo.city import City
from deploy.demo.desks import prescribe, written
from deploy.demo.journey import Json, Ways
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

TRIES = 5
ELSEWHERE = [{"code": "E11.900", "name": "2型糖尿病"}]
"""A diagnosis that the evidence does not bear."""
_QUIET = Progress(show=False)


@dataclass(frozen=True)
class Scene:
    """A resident with a completed visit, its doctor, and the counter of the pharmacy."""

    resident: Person
    doctor: Person
    visit: str
    ways: Ways

    def prescription(self, medicine: str, **more: Any) -> Json:
        """A ready prescription, as its resident reads it; each `medicine` is prescribed once in a visit."""
        signed = prescribe(self.doctor, self.visit, [stock.line(medicine)], **more)
        path = f"/prescriptions/{signed['id']}"

        def ready() -> Json | None:
            found: Json = self.resident.do("GET", path)
            return found if found["state"] == "ready" else None

        return until(ready, "the review", self.ways.patience)

    def prepared(self, prescription: Json) -> Json:
        """The order, prepared at the pharmacy."""
        quotes = journey.quoted(self.resident, prescription, self.ways, _QUIET)
        ranked = [_of(quotes, self.ways.supplier)]
        return journey.routed(self.resident, prescription, ranked, self.ways, _QUIET)

    def refused_at_the_counter(self, order: Json, code: str | None = None) -> str:
        """The reason why the order is not handed over."""
        body = {"pickup_code": code or order["pickup_code"], "counselling": "每日一次。"}
        answer = self.ways.counter.ask("POST", f"/routing-orders/{order['id']}/hand-over", body)
        expect(answer.status_code in (403, 409, 410), f"a hand-over answered {answer.status_code} {answer.text[:200]}")
        return str(answer.json()["code"])


def rules(scene: Scene, progress: Progress) -> None:
    """What the rules find cannot be signed away."""
    with progress.step("rules of prescribing", "forbidden online, allergy, duplicate, dose, days, diagnosis"):
        scene.resident.do("POST", "/me/allergies", {"group": stock.ALLERGY, "name": "青霉素类"})
        bad = [
            (stock.line(stock.MORPHINE), "medicine_forbidden_online"), (stock.line(stock.AMOXICILLIN), "allergy"),
            (stock.line(stock.AMLODIPINE, dose=3000, quantity=3), "single_dose_over_limit"),
            (stock.line(stock.LOSARTAN, days=90, quantity=13), "days_over_limit"),
        ]  # fmt: skip
        for line, finding in bad:
            _not_signed(scene, written(scene.visit, [line]), finding)
        twice = [stock.line(stock.LOSARTAN), stock.line(stock.LOSARTAN)]
        _not_signed(scene, written(scene.visit, twice), "duplicate_ingredient")
        elsewhere = {**written(scene.visit, [stock.line(stock.LOSARTAN)]), "diagnoses": ELSEWHERE}
        _not_signed(scene, elsewhere, "diagnosis_outside_evidence")
        scene.doctor.refused(403, "GET", "/prescription-reviews")


def _not_signed(scene: Scene, wanted: Json, finding: str) -> None:
    draft = scene.doctor.do("POST", "/prescriptions", wanted)
    codes = {one["code"] for one in draft["findings"]}
    expect(finding in codes, f"{finding} was not found, but {codes}")
    path = f"/prescriptions/{draft['id']}"
    scene.doctor.refused(409, "POST", f"{path}/signature", {"acknowledged": sorted(codes)})
    scene.doctor.do("POST", f"{path}/discarding")


def counter(scene: Scene, progress: Progress) -> None:
    """Before payment nothing is handed over; five wrong codes lock the order until the resident asks for another."""
    order = scene.prepared(scene.prescription(stock.AMLODIPINE))
    with progress.step("no medicine before money", "a hand-over before payment is refused"):
        reason = scene.refused_at_the_counter(order)
        expect(reason == "order_not_settled", f"it was refused as {reason}")
        journey.settled(scene.resident, order, None, scene.ways, _QUIET)
    with progress.step("five wrong pick-up codes", "each is counted; then the right one is refused too"):
        wrong = "000000" if order["pickup_code"] != "000000" else "000001"
        reasons = [scene.refused_at_the_counter(order, wrong) for _ in range(TRIES)]
        expect(len(set(reasons)) == 1, f"wrong codes were refused as {reasons}")
        reason = scene.refused_at_the_counter(order)
        expect(reason == "pickup_locked" != reasons[0], f"a locked order was refused as {reason}")
        locked = scene.ways.counter.do("GET", f"/routing-orders/{order['id']}")["locked"]
        expect(locked is True, "nobody at the counter can see that the order is locked")
        scene.resident.do("POST", f"/routing-orders/{order['id']}/pickup-code")
        journey.handed_over(scene.resident, order, scene.ways, _QUIET)


def withdrawal(scene: Scene, progress: Progress) -> None:
    """A prescription withdrawn when it was paid for: nothing is handed over, and everything goes back."""
    prescription = scene.prescription(stock.METOPROLOL)
    order = scene.prepared(prescription)
    paid = journey.settled(scene.resident, order, None, scene.ways, _QUIET)
    with progress.step("withdrawn", "a hand-over after it is refused; what was paid goes back, unasked"):
        path = f"/prescriptions/{prescription['id']}"
        scene.doctor.do("POST", f"{path}/withdrawal", {"reason": "changed_condition"})
        until(lambda: scene.resident.do("GET", path)["state"] == "withdrawn", "the pharmacy's answer")
        reason = scene.refused_at_the_counter(order)
        expect(reason == "order_ended", f"it was refused as {reason}")
        _all_back(scene, paid)


def expiring(scene: Scene) -> tuple[Json, Json]:
    """A prescription of one day, paid for and never collected: the order, and its settlement."""
    order = scene.prepared(scene.prescription(stock.THIAZIDE, validity_days=1))
    return order, journey.settled(scene.resident, order, None, scene.ways, _QUIET)


def expired(scene: Scene, order: Json, paid: Json, seconds: float, progress: Progress) -> None:
    """After its last day nothing is handed over, and everything goes back."""
    with progress.step("expired", "not collected in time: refused at the counter, and the money goes back, unasked"):
        path = f"/routing-orders/{order['id']}"
        until(lambda: scene.resident.do("GET", path)["state"] == "expired", "the last day's end", seconds)
        reason = scene.refused_at_the_counter(order)
        expect(reason == "order_ended", f"it was refused as {reason}")
        _all_back(scene, paid)


def declined(scene: Scene, city: City, progress: Progress) -> None:
    """A pharmacy that declines leads to the next choice, which is no dearer."""
    prescription = scene.prescription(stock.LOSARTAN)
    with progress.step("a pharmacy declines", "the next choice is offered by itself, because it is no dearer"):
        city.second_shop.manner(decline=1)
        quotes = journey.quoted(scene.resident, prescription, scene.ways, _QUIET)
        ranked = [_of(quotes, city.second.id), _of(quotes, city.pharmacy.tenant.id)]
        order = journey.routed(scene.resident, prescription, ranked, scene.ways, _QUIET)
        routing = scene.resident.do("GET", f"/prescriptions/{prescription['id']}/routing")
        states = [one["state"] for one in routing["choices"]]
        expect(states[0] == "declined" and routing["attempt"] == 2, f"the choices stand at {states}")
        scene.resident.do("POST", f"/routing-orders/{order['id']}/revocation")
        until(lambda: scene.resident.do("GET", f"/routing-orders/{order['id']}")["state"] == "revoked", "its end")


def _of(quotes: list[Json], pharmacy: str) -> Json:
    return next(one for one in quotes if one["pharmacy"] == pharmacy)


def _all_back(scene: Scene, paid: Json) -> None:
    def back() -> Json | None:
        bill: Json = scene.resident.do("GET", f"/bills/{paid['bill']}")
        return bill if bill["refunded"] else None

    bill = until(back, "the refund", scene.ways.patience)
    expect(bill["refunded"] == bill["paid"] == paid["to_pay"] > 0, f"the books say {bill}")
