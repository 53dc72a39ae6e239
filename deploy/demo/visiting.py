"""Text visits: a resident finds a doctor, asks in writing, pays, is answered; what stops goes back by itself."""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from deploy.demo.booking import ZONE, Gateway
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

FEE = 3000
SUBJECT = "03"
CAMERA = "ACME"
"""What a photograph says of the device that took it."""
PATIENCE = 40
"""Seconds for news from the gateway to arrive."""
RECORD = {
    "complaint": "复诊", "findings": "血压平稳", "advice": "继续原方案，两周后复测",
    "diagnoses": [{"code": "I10.x00", "name": "高血压病"}],
}  # fmt: skip


def fee(hospital: Tenant, staff_id: str, progress: Progress) -> None:
    """The hospital says what a text visit with the doctor costs."""
    with progress.step("text visits offered", "a fee for each doctor, set by the hospital"):
        found = hospital.administrator.do("PUT", f"/staff-fees/{staff_id}", {"text_visit": FEE})
        expect(found["text_visit"] == FEE, "the fee was not kept")


def found(resident: Person, hospital: Tenant, progress: Progress) -> str:
    """The doctor's id, as the resident finds it in the directory by subject."""

    def look() -> dict[str, Any] | None:
        path = f"/directory/doctors?subject={SUBJECT}&tenant={hospital.id}"
        rows = resident.do("GET", path)["data"]
        return next((one for one in rows if one["text_visits"]), None)

    with progress.step("doctor found", "by subject, in the directory: registered and licensed today, with the fee"):
        doctor = until(look, "the doctor and the fee in the directory")
        expect(doctor["text_visit_fee"] == FEE, f"the directory says {doctor['text_visit_fee']} fen")
        nobody = resident.do("GET", f"/directory/doctors?subject=99&tenant={hospital.id}")["data"]
        expect(nobody == [], "a doctor was found in a subject that they are not registered in")
    return str(doctor["id"])


def completed(resident: Person, doctor: Person, staff_id: str, gateway: Gateway, progress: Progress) -> str:
    """A follow-up from the request to the conclusion; without evidence there is none. Returns the visit."""
    with progress.step("visit asked for", "only on a legal basis, with fresh evidence of the former diagnosis"):
        code = resident.refused(422, "POST", "/visits", {**wish(staff_id), "evidence": None})
        expect(code == "evidence_missing", f"a visit without evidence was refused as {code}")
        visit = resident.do("POST", "/visits", wish(staff_id))
        expect((visit["state"], visit["fee"]) == ("awaiting_payment", FEE), f"the visit is {visit['state']}")
    with progress.step("visit paid", "it stands in the doctor's queue; who answers for it is fixed"):
        _pay(resident, visit, gateway)
        queue = doctor.do("GET", "/doctor/visits?state=paid")["data"]
        expect(any(one["id"] == visit["id"] and one["institution_name"] for one in queue), "it is not in the queue")
    with progress.step("picture sent", "encoded anew without place and device; for the two of them alone"):
        _show(resident, doctor, f"/visits/{visit['id']}")
    with progress.step(
        "visit completed", "evidence accepted, answered, recorded; a diagnosis of another group refused"
    ):
        _treat(resident, doctor, f"/visits/{visit['id']}")
        until(lambda: _own(resident, visit)["state"] == "completed", "the end in the resident's own list")
    return str(visit["id"])


def stopped(resident: Person, doctor: Person, staff_id: str, gateway: Gateway, progress: Progress) -> None:
    """A visit that turns out to be a first one is stopped; the whole fee goes back unasked."""
    with progress.step("visit stopped", "a first visit is not for online: the whole fee goes back, unasked"):
        visit = resident.do("POST", "/visits", wish(staff_id))
        _pay(resident, visit, gateway)
        doctor.do("POST", f"/visits/{visit['id']}/taking")
        doctor.do("POST", f"/visits/{visit['id']}/stopping", {"reason": "first_visit"})
        until(lambda: _own(resident, visit)["refunded"], "the refund in the resident's own list", PATIENCE)
        bill = resident.do("GET", f"/bills/{visit['bill']}")
        expect(bill["refunded"] == FEE, f"{bill['refunded']} fen went back, not {FEE}")


def unanswered(resident: Person, staff_id: str, gateway: Gateway) -> dict[str, Any]:
    """A visit that is paid for, and that the doctor does not take."""
    visit: dict[str, Any] = resident.do("POST", "/visits", wish(staff_id))
    _pay(resident, visit, gateway)
    return visit


def not_taken(resident: Person, visit: dict[str, Any], seconds: float, progress: Progress) -> None:
    """The doctor's time is over."""
    with progress.step("visit not taken", "the doctor did not answer in time: the whole fee goes back, unasked"):
        until(lambda: _own(resident, visit)["state"] == "not_taken", "the end of the doctor's time", seconds)
        until(lambda: _own(resident, visit)["refunded"], "the refund in the resident's own list", PATIENCE)
        bill = resident.do("GET", f"/bills/{visit['bill']}")
        expect(bill["refunded"] == bill["paid"] == FEE, f"the books say {bill}")


def wish(staff_id: str) -> dict[str, Any]:
    """A follow-up of high blood pressure, with evidence of today."""
    evidence = {
        "kind": "outpatient_record", "institution": "示范市第二医院", "diagnosis_code": "I10.x05",
        "date": datetime.now(ZONE).date().isoformat(),
    }  # fmt: skip
    return {
        "doctor": staff_id, "subject": SUBJECT, "legal_basis": "follow_up", "complaint": "血压复诊，需要调整用药吗",
        "evidence": evidence,
    }  # fmt: skip


def _pay(resident: Person, visit: dict[str, Any], gateway: Gateway) -> None:
    pay(resident, visit["bill"], gateway)
    path = f"/visits/{visit['id']}"
    until(lambda: resident.do("GET", path)["visit"]["state"] == "paid", "the visit in the queue", PATIENCE)


def pay(resident: Person, bill: str, gateway: Gateway, patience: float = PATIENCE) -> None:
    """Begin a payment of `bill`, and pay at the gateway as soon as it shows how."""
    way = {"method": "alipay", "return_url": "http://127.0.0.1/"}
    payment = resident.do("POST", f"/bills/{bill}/payments", way)

    def shown() -> dict[str, Any] | None:
        found: dict[str, Any] = resident.do("GET", f"/payments/{payment['id']}")
        return found if found["next_action"] else None

    gateway.payer_agrees(until(shown, "what the payer must do", patience))


def _treat(resident: Person, doctor: Person, path: str) -> None:
    doctor.do("POST", f"{path}/taking")
    doctor.do("POST", f"{path}/evidence-acceptance")
    doctor.do("POST", f"{path}/messages", {"text": "血压记录已看，控制平稳。"})
    resident.do("POST", f"{path}/messages", {"text": "好的，谢谢医生。"})
    elsewhere = {**RECORD, "diagnoses": [{"code": "E11.900", "name": "2型糖尿病"}]}
    tag = doctor.ask("GET", f"{path}/record").headers["ETag"]
    tag = doctor.ask("PUT", f"{path}/record", elsewhere, If_Match=tag).headers["ETag"]
    code = doctor.refused(409, "POST", f"{path}/completion")
    expect(code == "diagnosis_outside_evidence", f"another diagnosis was refused as {code}")
    doctor.do("PUT", f"{path}/record", RECORD, If_Match=tag)
    doctor.do("POST", f"{path}/completion")
    expect(resident.do("GET", f"{path}/record")["advice"] == RECORD["advice"], "the resident reads another record")


def _show(resident: Person, doctor: Person, path: str) -> None:
    answer = resident.upload(f"{path}/pictures", _photograph(), "image/jpeg")
    expect(answer.ok, f"the picture was refused: {answer.text[:300]}")
    refused = resident.upload(f"{path}/pictures", b"<svg/>", "image/png")
    expect(refused.status_code == 422, f"what is no picture was answered with {refused.status_code}")
    said = doctor.do("GET", f"{path}/messages")["data"]
    link = said[0]["picture"]["link"].removeprefix("/api/v1")
    seen = doctor.ask("GET", link)
    expect(seen.ok and seen.headers["Content-Type"] == "image/jpeg", f"the doctor got {seen.status_code}")
    expect(CAMERA.encode() not in seen.content, "the picture still says with what it was taken")
    stranger = Person(resident.world, "stranger")
    stranger.sign_in()
    stranger.refused(404, "GET", link)


def _photograph() -> bytes:
    """A photograph of nothing, which says by what device and where it was taken."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x010F] = CAMERA
    exif.get_ifd(0x8825)[29] = "2026:01:01"
    Image.radial_gradient("L").convert("RGB").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def _own(resident: Person, visit: dict[str, Any]) -> dict[str, Any]:
    rows = resident.do("GET", "/me/visits")["data"]
    return next((one for one in rows if one["id"] == visit["id"]), {"state": "unknown", "refunded": False})
