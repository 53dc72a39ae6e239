"""Visits over HTTP, against real web and worker processes and the sandbox gateway."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.core.ids import PublicId
from app.identity.api import PERSON, Role, issue_staff_token
from app.visits.names import VISIT_ID
from app.visits.schemas import MOST_FEE
from tests.core.journal.scenes import eventually
from tests.payments.gateway.partner import Sandbox, ask, running_sandbox
from tests.platform import Platform
from tests.scheduling.people import Desk, Somebody, resident, staff
from tests.scheduling.scenes import SUBJECT, new_resident
from tests.visits.scenes import COMPLAINT, FEE, WORD, Clinic, time_is_up, today, verify

ADVICE = "规律服药，两周后复测"
RECORD = {
    "findings": "血压偏高", "advice": ADVICE,
    "diagnoses": [{"code": "I10.x09", "name": "高血压病"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def logs_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("visits")


@pytest.fixture(scope="module")
def url(platform: Platform, logs_of: Path) -> Iterator[str]:
    with platform.stack(logs_of, CLOUD_VISIT_WINDOW_SECONDS="7200") as stack:
        stack.start_web()
        stack.start_worker()
        yield stack.url


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


def verified(url: str) -> Somebody:
    """A fresh resident whose real name is verified."""
    person = resident(url)
    verify(PublicId.parse(person.public_id, PERSON).id)
    return person


def doctor_of(url: str, clinic: Clinic) -> Somebody:
    """The doctor of the clinic, signed in."""
    return Somebody(url, issue_staff_token(clinic.scope, clinic.doctor.id, new_resident()), str(clinic.doctor))


def wish(clinic: Clinic, **more: Any) -> dict[str, Any]:
    """The body of a request for a follow-up."""
    return {
        "doctor": str(clinic.doctor), "subject": SUBJECT, "legal_basis": "follow_up", "complaint": COMPLAINT,
        "evidence": {
            "kind": "outpatient_record", "institution": "示范市第二医院", "diagnosis_code": "I10.x05",
            "date": today().isoformat(),
        },
        **more,
    }  # fmt: skip


def pay(person: Somebody, visit: dict[str, Any], sandbox: Sandbox, key: str) -> None:
    """Pay the bill of a visit by a QR code."""
    person.do("POST", f"/bills/{visit['bill']}/payments", {"method": "wechat_pay"})
    found = ask("GET", f"{sandbox.url}/v1/payment_intents", auth=(key, "")).json()["data"]
    sandbox.pay(str(found[0]["id"])).raise_for_status()
    eventually(lambda: state_of(person, visit) == "paid")


def state_of(who: Somebody, visit: dict[str, Any]) -> str:
    return str(who.do("GET", f"/visits/{visit['id']}")["visit"]["state"])


def test_from_the_request_to_the_conclusion(url: str, clinic: Clinic, sandbox: Sandbox, logs_of: Path) -> None:
    key, person, doctor = Desk(url, clinic.hospital).account(sandbox), verified(url), doctor_of(url, clinic)
    visit = person.do("POST", "/visits", wish(clinic))
    assert (visit["state"], visit["fee"], visit["version"]) == ("awaiting_payment", FEE, 1)
    assert person.do("GET", f"/bills/{visit['bill']}")["purpose"] == visit["id"]
    (own,) = person.do("GET", "/me/visits")["data"]
    assert (own["id"], own["institution_name"]) == (visit["id"], visit["institution_name"]) == (visit["id"], "示范医院")
    pay(person, visit, sandbox, key)
    path = f"/visits/{visit['id']}"
    queued = doctor.do("GET", "/doctor/visits?state=paid")["data"]
    assert [(one["id"], one["institution_name"]) for one in queued] == [(visit["id"], "示范医院")]
    taken = doctor.do("POST", f"{path}/taking")
    assert (taken["state"], seconds(taken["taken_at"], taken["deadline"])) == ("taken", 7200)
    assert doctor.do("GET", path)["evidence"]["diagnosis_code"] == "I10.x05"
    doctor.do("POST", f"{path}/evidence-acceptance")
    doctor.do("POST", f"{path}/messages", {"text": WORD})
    person.do("POST", f"{path}/messages", {"text": "好的"})
    assert [one["author"] for one in person.do("GET", f"{path}/messages")["data"]] == ["doctor", "resident"]
    concluded(doctor, path)
    assert person.do("GET", f"{path}/record")["advice"] == ADVICE
    eventually(lambda: person.do("GET", "/me/visits")["data"][0]["state"] == "completed")
    assert person.do("GET", f"/bills/{visit['bill']}")["refunded"] == 0
    logged = b"".join(file.read_bytes() for file in logs_of.rglob("*") if file.is_file()).decode()
    assert "worker_ready" in logged
    clinical = (COMPLAINT, WORD, ADVICE, "I10.x05", "I10.x09")
    assert [words for words in clinical if words in logged or json.dumps(words)[1:-1] in logged] == []


def seconds(begin: str, end: str) -> float:
    """How long it is from one moment to the other."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def concluded(doctor: Somebody, path: str) -> None:
    """The doctor writes the record and completes the visit."""
    assert doctor.refused("POST", f"{path}/completion") == (409, "no_conclusion")
    assert doctor.refused("PUT", f"{path}/record", RECORD) == (428, "if_match_required")
    tag = doctor.ask("GET", f"{path}/record").headers["ETag"]
    written = doctor.do("PUT", f"{path}/record", RECORD, If_Match=tag)
    assert (written["version"], written["diagnoses"]) == (2, RECORD["diagnoses"])
    assert doctor.refused("PUT", f"{path}/record", RECORD, If_Match=tag) == (412, "stale_version")
    assert doctor.do("POST", f"{path}/completion")["state"] == "completed"


def test_a_stopped_visit_is_refunded_by_itself(url: str, clinic: Clinic, sandbox: Sandbox) -> None:
    key, person, doctor = Desk(url, clinic.hospital).account(sandbox), verified(url), doctor_of(url, clinic)
    visit = person.do("POST", "/visits", wish(clinic))
    pay(person, visit, sandbox, key)
    path = f"/visits/{visit['id']}"
    doctor.do("POST", f"{path}/taking")
    assert doctor.refused("POST", f"{path}/stopping", {"reason": "bored"}) == (422, "invalid_input")
    assert doctor.do("POST", f"{path}/stopping", {"reason": "first_visit"})["reason"] == "first_visit"
    eventually(lambda: person.do("GET", "/me/visits")["data"][0]["refunded"] is True)
    assert person.do("GET", f"/bills/{visit['bill']}")["refunded"] == FEE
    assert person.refused("POST", f"{path}/cancellation") == (409, "visit_state")


def test_nobody_takes_it_in_time(url: str, clinic: Clinic, sandbox: Sandbox) -> None:
    key, person = Desk(url, clinic.hospital).account(sandbox), verified(url)
    visit = person.do("POST", "/visits", wish(clinic))
    pay(person, visit, sandbox, key)
    time_is_up(clinic, PublicId.parse(visit["id"], VISIT_ID).id)
    eventually(lambda: state_of(person, visit) == "not_taken")
    eventually(lambda: person.do("GET", f"/bills/{visit['bill']}")["refunded"] == FEE)


def test_strangers_find_nothing(url: str, clinic: Clinic) -> None:
    person = verified(url)
    visit = person.do("POST", "/visits", wish(clinic))
    path, elsewhere = f"/visits/{visit['id']}", Clinic()
    for who in (verified(url), doctor_of(url, elsewhere)):
        for look in (path, f"{path}/messages", f"{path}/record"):
            assert who.refused("GET", look) == (404, "not_found")
        assert who.refused("POST", f"{path}/messages", {"text": "x"}) == (404, "not_found")
    assert doctor_of(url, elsewhere).refused("POST", f"{path}/taking") == (404, "not_found")
    other = staff(url, clinic.hospital, Role.DOCTOR)
    assert other.refused("GET", path) == (403, "forbidden")
    assert other.refused("POST", f"{path}/taking") == (403, "forbidden")
    assert doctor_of(url, clinic).refused("GET", "/me/visits") == (403, "forbidden")
    registrar = staff(url, clinic.hospital, Role.REGISTRAR)
    assert registrar.refused("GET", path) == (403, "forbidden")
    assert person.refused("POST", f"{path}/taking") == (403, "forbidden")
    assert verified(url).refused("POST", f"{path}/cancellation") == (404, "not_found")
    assert person.do("POST", f"{path}/cancellation")["state"] == "canceled"
    assert person.do("GET", "/me/visits")["data"][0]["state"] == "canceled"


def test_who_sets_fees(url: str, clinic: Clinic) -> None:
    administrator = staff(url, clinic.hospital, Role.TENANT_ADMINISTRATOR)
    path = f"/staff-fees/{clinic.doctor}"
    assert administrator.do("PUT", path, {"text_visit": 100})["version"] == 2
    assert verified(url).do("POST", "/visits", wish(clinic))["fee"] == 100
    for amount in (0, -1, 2**63, MOST_FEE + 1, "100", True):
        assert administrator.refused("PUT", path, {"text_visit": amount}) == (422, "invalid_input")
    assert administrator.refused("PUT", f"/staff-fees/{Clinic().doctor}", {"text_visit": 1}) == (404, "not_found")
    assert doctor_of(url, clinic).refused("PUT", path, {"text_visit": 1}) == (403, "forbidden")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"legal_basis": "because"}, "/legal_basis"),
        ({"complaint": " "}, "/complaint"),
        ({"evidence": {"kind": "x"}}, "/evidence/kind"),
        ({"doctor": "x"}, "/doctor"),
    ],
)
def test_a_request_that_cannot_be(url: str, clinic: Clinic, change: dict[str, Any], pointer: str) -> None:
    answer = verified(url).ask("POST", "/visits", {**wish(clinic), **change})
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert COMPLAINT not in answer.text


def test_a_code_that_is_no_icd_10(url: str, clinic: Clinic) -> None:
    body = wish(clinic)
    body["evidence"]["diagnosis_code"] = "高血压"
    answer = verified(url).ask("POST", "/visits", body)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/evidence/diagnosis_code"]


def test_a_double_tap_is_one_visit(url: str, clinic: Clinic) -> None:
    person = verified(url)
    answers = [person.ask("POST", "/visits", wish(clinic), key="tap") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(person.do("GET", "/me/visits")["data"]) == 1
