"""Residents are verified, book places at the hospital and pay for them; what must not happen is tried too."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person, World
from deploy.demo.steps import Progress, expect, until

SECONDS = 15
FEE = [{"code": "110200001", "name": "普通门诊诊查费", "amount": 2500}]
CROWD = 12
PLACES = 5
MOST = 10**7
"""Made-up identity numbers: of people born from 1970 to 1997."""
ZONE = ZoneInfo("Asia/Shanghai")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999: the weight of each digit of an identity number; the last character is the check."""


@dataclass(frozen=True)
class Gateway:
    """The payment gateway as its own customers and the hospital's cashier see it."""

    url: str

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Something that a person does at the gateway."""
        answer = requests.post(self.url + path, json=body, timeout=SECONDS)
        answer.raise_for_status()
        parsed: dict[str, Any] = answer.json()
        return parsed

    def heard_twice(self, intent: str) -> bool:
        """Whether one event of the intent's success was taken by the platform at least twice."""
        log = requests.get(f"{self.url}/sandbox/log", {"intent": intent}, timeout=SECONDS).json()["entries"]
        taken = [
            entry["event"] for entry in log
            if entry.get("type") == "payment_intent.succeeded" and entry["answer"].startswith("2")
        ]  # fmt: skip
        return len(taken) > len(set(taken))

    def status(self, intent: str) -> str:
        """What an intent's page shows, in the gateway's words."""
        page = requests.get(f"{self.url}/sandbox/pay/{intent}", timeout=SECONDS).text
        found = re.search(r"id='status'>(\w+)<", page)
        return found[1] if found else ""

    def payer_agrees(self, payment: dict[str, Any]) -> None:
        """The payer opens what they were shown, and pays."""
        page = payment["next_action"]["redirect_url"]
        requests.post(page, json={"outcome": "succeed"}, timeout=SECONDS).raise_for_status()


def identity_number(number: int) -> str:
    """A made-up identity number with the right check character; each `number` below ten million has its own."""
    day, sequence = divmod(number, 1000)
    digits = f"110101{date(1970, 1, 1) + timedelta(days=day):%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def cashier(hospital: Tenant, gateway: Gateway, progress: Progress) -> None:
    """The hospital opens an account at the gateway and tells it where its webhooks go."""
    with progress.step("merchant account", "the gateway's secrets kept encrypted; webhooks believed by signature"):
        key, secret = f"sk_test_{secrets.token_hex(16)}", f"whsec_{secrets.token_hex(24)}"
        gateway.post("/sandbox/accounts", {"api_key": key})
        account = hospital.administrator.do(
            "POST", "/merchant-accounts", {"url": gateway.url, "api_key": key, "webhook_secret": secret}
        )
        hook = hospital.administrator.world.platform + account["webhook_path"]
        gateway.post("/sandbox/webhook_endpoints", {"api_key": key, "url": hook, "secret": secret})


def verified_resident(world: World, progress: Progress) -> Person:
    """A resident proves who they are and binds a health card; another person cannot take the number."""
    resident, other = Person(world, "resident"), Person(world, "somebody else")
    resident.sign_in()
    other.sign_in()
    number = identity_number(secrets.randbelow(MOST))
    with progress.step("resident verified", "check digit, registry, the number reserved for one person"):
        wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
        resident.refused(422, "POST", "/me/resident/verification", {"name": "欧阳𠮷", "number": wrong})
        known = resident.do("POST", "/me/resident/verification", {"name": "欧阳𠮷", "number": number})
        expect((known["state"], known["name"]) == ("verified", "欧阳𠮷"), "the name was not kept exactly")
        answer = other.ask("POST", "/me/resident/verification", {"name": "欧阳𠮷", "number": number})
        expect(answer.status_code in (403, 409), f"one number, two persons: {answer.status_code}")
        resident.do("POST", "/me/cards", {"kind": "health_card", "number": f"HC{secrets.randbelow(10**12):012d}"})
    return resident


def shift(hospital: Tenant, doctor: dict[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """The hospital opens a shift in two days: one slot for the crowd, one with a single place, one to be stopped."""
    day = datetime.now(ZONE).date() + timedelta(days=2)
    first = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE).astimezone(UTC)
    with progress.step("shift opened", "within the doctor's registered subject and dates, refused outside"):
        body = {
            "doctor": doctor["id"], "date": day.isoformat(), "half_day": "morning", "site": "门诊楼3层",
            "class": "ordinary", "subject": "03", "fee_lines": FEE,
            "slots": [_slot(first, 0, PLACES), _slot(first, 1, 1)],
        }  # fmt: skip
        hospital.administrator.refused(422, "POST", "/shifts", {**body, "subject": "04"})
        hospital.administrator.do("POST", "/shifts", body)
        found = hospital.administrator.do("GET", f"/slots?tenant={hospital.id}&date={day.isoformat()}")["data"]
        expect([slot["left"] for slot in found] == [PLACES, 1], "the slots are not shown as they were opened")
    return list(found)


def _slot(first: datetime, number: int, capacity: int) -> dict[str, Any]:
    start = first + timedelta(minutes=30 * number)
    return {"starts_at": _rfc(start), "ends_at": _rfc(start + timedelta(minutes=30)), "capacity": capacity}


def _rfc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def booked(resident: Person, slot: dict[str, Any], gateway: Gateway, progress: Progress) -> dict[str, Any]:
    """A place is held, paid through the gateway, and confirmed; the webhook comes twice and moves money once."""
    with progress.step("place booked and paid", "held while paying; a webhook sent twice moves money once; confirmed"):
        held = resident.do("POST", "/appointments", {"slot": slot["id"]})
        expect(held["state"] == "held", f"the place is {held['state']}, not held")
        shown = _begun(resident, held)
        gateway.post("/sandbox/faults", {"intent": intent_of(shown), "webhook": {"duplicate": 9}})
        gateway.payer_agrees(shown)
        _until_state(resident, held["id"], "confirmed")
        until(lambda: gateway.heard_twice(intent_of(shown)), "the second arrival of the webhook")
        bill = resident.do("GET", f"/bills/{held['bill']}")
        expect((bill["state"], bill["paid"], bill["refunded"]) == ("paid", 2500, 0), f"the books say {bill}")
        own = resident.do("GET", "/me/appointments")["data"]
        expect(any(one["id"] == held["id"] for one in own), "the resident's own list does not show it")
    return dict(held)


def _begun(resident: Person, held: dict[str, Any]) -> dict[str, Any]:
    """A payment that waits for the payer."""
    way = {"method": "alipay", "return_url": "http://127.0.0.1/"}
    payment = resident.do("POST", f"/bills/{held['bill']}/payments", way)
    return until(lambda: _waiting(resident, payment["id"]), "what the payer must do")


def intent_of(payment: dict[str, Any]) -> str:
    """The gateway's own id of a payment that waits for the payer, as its page shows it."""
    return str(payment["next_action"]["redirect_url"]).rsplit("/", 1)[-1]


def _waiting(resident: Person, payment_id: str) -> dict[str, Any] | None:
    payment = resident.do("GET", f"/payments/{payment_id}")
    return payment if payment["next_action"] else None


def _until_state(resident: Person, appointment_id: str, state: str) -> None:
    path = f"/appointments/{appointment_id}"
    until(lambda: resident.do("GET", path)["state"] == state, f"the appointment being {state}", 40)


def last_place(world: World, slot: dict[str, Any], gateway: Gateway, progress: Progress) -> None:
    """Many want the last place at once: one gets it; when they do not pay, it is free again."""
    with progress.step("the last place", f"{CROWD} at once, exactly one holds it, the others are told that it is full"):
        crowd = [Person(world, f"resident {number}") for number in range(CROWD)]
        with ThreadPoolExecutor(CROWD) as at_once:
            list(at_once.map(Person.sign_in, crowd))
            answers = list(at_once.map(lambda one: one.ask("POST", "/appointments", {"slot": slot["id"]}), crowd))
        codes = sorted(answer.status_code for answer in answers)
        expect(codes == [201] + [409] * (CROWD - 1), f"the answers were {codes}")
    with progress.step("hold expires", "not paid in time: the payment that was begun is canceled, the place is free"):
        winner = next(one for one, answer in zip(crowd, answers, strict=True) if answer.ok)
        held = next(answer.json() for answer in answers if answer.ok)
        intent = intent_of(_begun(winner, held))
        expect(gateway.status(intent) == "requires_action", "the payment does not wait for the payer")
        _until_state(winner, held["id"], "released")
        expect(gateway.status(intent) == "canceled", f"the place is free, the payment {gateway.status(intent)}")
        expect(crowd[-1].ask("POST", "/appointments", {"slot": slot["id"]}).status_code == 201, "the place was lost")


def stopped(hospital: Tenant, resident: Person, held: dict[str, Any], progress: Progress) -> None:
    """A stopped shift refunds everybody, unasked."""
    with progress.step("shift stopped", "the holder is told and the whole fee goes back the way it came"):
        hospital.administrator.do("POST", f"/shifts/{held['shift']}/stopping")
        _until_state(resident, held["id"], "canceled")
        bill = until(lambda: _refunded(resident, held["bill"]), "the refund")
        expect(bill["refunded"] == bill["paid"] == 2500, f"the books say {bill}")


def _refunded(resident: Person, bill_id: str) -> dict[str, Any] | None:
    bill: dict[str, Any] = resident.do("GET", f"/bills/{bill_id}")
    return bill if bill["refunded"] else None
