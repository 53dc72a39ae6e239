"""Real workers that are killed, and a gateway that does not answer: places are neither lost nor sold twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from app.core.ids import PublicId
from app.core.scope import Scope
from app.scheduling.ids import shift_public_id, slot_public_id
from app.scheduling.models import Appointment
from app.scheduling.names import SLOT_ID
from app.scheduling.service.shifts import stop_shift
from deploy.stack import Stack
from tests.core.journal.scenes import chain, eventually, rows
from tests.payments.gateway.partner import Sandbox, ask, running_sandbox
from tests.platform import Platform
from tests.scheduling.people import SECONDS, Desk, Somebody, resident
from tests.scheduling.scenes import BY, Hospital, booked, pay

PLACES = 12


class Crew:
    """Web processes whose holds last two seconds, and one worker; who takes over from a killed one stays."""

    def __init__(self, stack: Stack) -> None:
        """Start them."""
        self._stack, self.url = stack, stack.url
        self._web = stack.start_web()
        self._worker = stack.start_worker()

    def kill(self) -> None:
        """The worker is gone from one moment to the next."""
        self._worker.kill()

    def relieve(self) -> None:
        """Another worker comes."""
        self._worker = self._stack.start_worker()

    @contextmanager
    def losing_the_web(self, request: Callable[[], object]) -> Iterator[None]:
        """Send a request; the web processes are gone after what is inside, without an answer, and others come."""
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(request)
            yield
            self._web.kill()
            assert isinstance(asked.exception(SECONDS), requests.ConnectionError)
        self._web = self._stack.start_web()


@pytest.fixture(scope="module")
def crew(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with platform.stack(tmp_path_factory.mktemp("crew"), CLOUD_HOLD_SECONDS="2") as stack:
        yield Crew(stack)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@contextmanager
def holding(
    platform: Platform, table: str, hospital: Hospital, column: str, value: Any
) -> Iterator[Callable[[], bool]]:
    """Hold one row of the hospital; gives a look whether somebody waits for it."""
    with platform.connection() as connection:
        query = f"SELECT 1 FROM {table} WHERE tenant_id = %s AND {column} = %s FOR UPDATE"  # noqa: S608  # our words
        assert connection.execute(query.encode(), (hospital.number, value)).fetchone()
        held = connection.info.backend_pid
        look = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        yield lambda: bool(rows(platform, look, held))


def end_hold_of(platform: Platform, appointment: Appointment) -> None:
    """Let the hold of an appointment have ended."""
    change = "UPDATE appointments SET due_at = held_until - interval '1 day' WHERE tenant_id = %s AND id = %s"
    rows(platform, change, appointment.tenant_id, appointment.id)


def released_once(platform: Platform, hospital: Hospital, appointment: Appointment) -> None:
    """The appointment was released, and everything that goes with it happened once."""
    eventually(lambda: hospital.one(appointment).state == "released")
    assert hospital.one(appointment).version == 3
    assert hospital.slots()[0].taken == 0
    hospital.balanced()
    person = Scope.for_person(appointment.resident_id)
    eventually(lambda: len(chain(platform, person)) == 3)
    assert rows(platform, "SELECT state FROM bills WHERE tenant_id = %s", hospital.number) == [("canceled",)]


@pytest.mark.parametrize("step", ["the bill is closed", "the news is sealed", "the place returns"])
def test_a_worker_is_killed_while_a_hold_ends(platform: Platform, hospital: Hospital, crew: Crew, step: str) -> None:
    appointment = booked(hospital.slot())
    table, column, value = {
        "the bill is closed": ("bills", "id", appointment.bill_id),
        "the news is sealed": ("journal_heads", "tenant_id", hospital.number),
        "the place returns": ("slots", "id", appointment.slot_id),
    }[step]
    with holding(platform, table, hospital, column, value) as somebody_waits:
        end_hold_of(platform, appointment)
        if table == "journal_heads":  # passed by, not waited for: nothing is heard of what was done
            eventually(lambda: hospital.one(appointment).state == "releasing")
        else:
            eventually(somebody_waits)
        crew.kill()
        assert hospital.one(appointment).state == ("held" if table == "bills" else "releasing")
        assert hospital.slots()[0].taken == 1
    crew.relieve()
    released_once(platform, hospital, appointment)


def test_a_worker_is_killed_while_a_shift_stops(platform: Platform, hospital: Hospital, crew: Crew) -> None:
    opened = hospital.shift(places=PLACES)
    appointments = [booked(slot_public_id(hospital.number, opened.slots[0].id)) for _ in range(PLACES)]
    for appointment in appointments:
        pay(hospital, appointment)
    eventually(lambda: states(hospital) == [("confirmed", None)])
    with holding(platform, "bills", hospital, "id", appointments[PLACES // 2].bill_id) as somebody_waits:
        stop_shift(shift_public_id(opened.shift), BY)
        eventually(somebody_waits)
        crew.kill()
        hospital.balanced()
        assert states(hospital) == [("canceled_refunding", "stopped"), ("confirmed", None)]
    crew.relieve()
    eventually(lambda: states(hospital) == [("canceled_refunding", "stopped")])
    eventually(lambda: hospital.shift_now(opened.shift).due_at is None)
    assert hospital.slots()[0].taken == 0
    assert rows(platform, "SELECT sum(amount) FROM refunds WHERE tenant_id = %s", hospital.number) == [(5000 * PLACES,)]


def states(hospital: Hospital) -> list[tuple[str, str | None]]:
    return sorted({(one.state, one.reason) for one in hospital.appointments()})


def test_the_web_is_killed_while_a_place_is_taken(platform: Platform, crew: Crew) -> None:
    desk, person = Desk(crew.url), resident(crew.url)
    slot = desk.slot()

    def tap() -> requests.Response:
        return person.ask("POST", "/appointments", {"slot": slot}, key="tap")

    with holding(platform, "slots", desk.hospital, "id", PublicId.parse(slot, SLOT_ID).id) as somebody_waits:
        with crew.losing_the_web(tap):
            eventually(somebody_waits)
        assert desk.hospital.appointments() == []
    assert tap().status_code == 201
    assert (len(desk.hospital.appointments()), desk.hospital.slots()[0].taken) == (1, 1)
    desk.hospital.balanced()


def test_the_web_is_killed_while_the_gateway_is_asked(platform: Platform, crew: Crew, sandbox: Sandbox) -> None:
    """Whoever was paying is not heard of again: the payment is ended where it was begun, and then the hold."""
    desk, person = Desk(crew.url), resident(crew.url)
    key = desk.account(sandbox)
    appointment = person.do("POST", "/appointments", {"slot": desk.slot()})
    slow = sandbox.post("/sandbox/faults", {"metadata": {"bill": appointment["bill"]}, "delay_ms": 2500}).json()["id"]

    def intents() -> list[str]:
        listed = ask("GET", f"{sandbox.url}/v1/payment_intents", auth=(key, "")).json()["data"]
        return [intent["status"] for intent in listed]

    def released() -> bool:
        """The lease of the killed one is over at each look."""
        lease = "UPDATE payments SET due_at = now() WHERE tenant_id = %s AND due_at > now()"
        rows(platform, lease, desk.hospital.number)
        return bool(person.do("GET", f"/appointments/{appointment['id']}")["state"] == "released")

    payments = f"/bills/{appointment['bill']}/payments"
    with crew.losing_the_web(lambda: person.do("POST", payments, {"method": "wechat_pay"})):
        eventually(lambda: intents() != [])
    sandbox.clear_fault(slow)
    eventually(released)
    assert (intents(), desk.hospital.slots()[0].taken) == (["canceled"], 0)
    desk.hospital.balanced()


@pytest.fixture
def unpaid(crew: Crew, sandbox: Sandbox) -> tuple[Desk, Somebody, dict[str, Any], str]:
    """An appointment whose payer looks at the QR code while the gateway has stopped answering."""
    desk, person = Desk(crew.url), resident(crew.url)
    key = desk.account(sandbox)
    appointment = person.do("POST", "/appointments", {"slot": desk.slot(places=1)})
    person.do("POST", f"/bills/{appointment['bill']}/payments", {"method": "wechat_pay"})
    intent = ask("GET", f"{sandbox.url}/v1/payment_intents", auth=(key, "")).json()["data"][0]["id"]
    return desk, person, appointment, str(intent)


def silence(sandbox: Sandbox, intent: str) -> str:
    """Let the gateway fail whatever it is asked about the intent; returns the fault's id."""
    return str(sandbox.post("/sandbox/faults", {"intent": intent, "http_500": 10_000}).json()["id"])


def asked_to_cancel(sandbox: Sandbox, intent: str) -> bool:
    return any(entry.get("path", "").endswith("/cancel") for entry in sandbox.log(intent, "request"))


def test_a_place_waits_for_a_gateway_that_is_away(
    unpaid: tuple[Desk, Somebody, dict[str, Any], str], sandbox: Sandbox
) -> None:
    desk, person, appointment, intent = unpaid
    path = f"/appointments/{appointment['id']}"
    fault = silence(sandbox, intent)
    eventually(lambda: asked_to_cancel(sandbox, intent))
    assert person.do("GET", path)["state"] == "releasing"
    assert desk.hospital.slots()[0].taken == 1
    sandbox.clear_fault(fault)
    eventually(lambda: person.do("GET", path)["state"] == "released", seconds=30)
    assert desk.hospital.slots()[0].taken == 0
    desk.hospital.balanced()


def test_who_pays_while_the_gateway_is_away_has_the_place(
    unpaid: tuple[Desk, Somebody, dict[str, Any], str], sandbox: Sandbox
) -> None:
    desk, person, appointment, intent = unpaid
    path = f"/appointments/{appointment['id']}"
    silence(sandbox, intent)
    eventually(lambda: asked_to_cancel(sandbox, intent))
    sandbox.pay(intent).raise_for_status()
    eventually(lambda: person.do("GET", path)["state"] == "confirmed")
    assert desk.hospital.slots()[0].taken == 1
    desk.hospital.balanced()
