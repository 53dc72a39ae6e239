"""Prescribing over HTTP, against real web and worker processes."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.ids import PublicId
from app.core.scope import Scope
from app.identity.api import PERSON, Role, issue_staff_token
from app.identity.service.sign_in import enter
from app.visits.ids import visit_public_id
from tenants.api import end_staff
from tests.core.journal.scenes import eventually
from tests.platform import Platform
from tests.prescriptions.scenes import ANSWER, BY, CODE, NAME, NOTE, QUESTION, Ward, known
from tests.scheduling.people import Somebody, resident, staff
from tests.scheduling.scenes import new_resident
from tests.visits.scenes import verify

MEDICINE = {
    "code": "86909999000013", "name": "二甲双胍片", "ingredient_group": "A10BA02", "form": "片", "strength": "0.5g",
    "unit": "片", "pack_units": 20, "category": "A", "single_limit": 2000, "daily_limit": 4000, "long_term": True,
}  # fmt: skip
LINE = {"medicine": CODE, "dose": 1000, "frequency": "qd", "route": "oral", "days": 7, "quantity": 1}
DIAGNOSES = [{"code": "I10.x09", "name": "高血压病"}]
CHECKS = {"legality": True, "completeness": True, "appropriateness": True}
SECONDS = 40
"""How long a day lasts here."""


@pytest.fixture(scope="module")
def logs_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prescribing")


@pytest.fixture(scope="module")
def url(platform: Platform, logs_of: Path) -> Iterator[str]:
    with platform.stack(logs_of, CLOUD_PRESCRIPTION_DAY_SECONDS=str(SECONDS)) as stack:
        stack.start_web()
        stack.start_worker()
        yield stack.url


def person(url: str) -> Somebody:
    """A resident whose real name is verified."""
    made = resident(url)
    verify(PublicId.parse(made.public_id, PERSON).id)
    return made


def member(url: str, ward: Ward, who: PublicId) -> Somebody:
    """A member of the hospital's staff, signed in."""
    return Somebody(url, issue_staff_token(ward.scope, who.id, new_resident()), str(who))


def of(somebody: Somebody) -> Any:
    """The uuid of a person who calls."""
    return PublicId.parse(somebody.public_id, PERSON).id


def body(ward: Ward, who: Somebody, **more: Any) -> dict[str, Any]:
    """A prescription of one medicine from a fresh visit of that resident's."""
    visit = visit_public_id(ward.visit(person=of(who)))
    return {"visit": str(visit), "lines": [LINE], "diagnoses": DIAGNOSES, "note": NOTE, **more}


def test_from_the_draft_to_the_resident(url: str, ward: Ward, logs_of: Path) -> None:
    who, doctor = person(url), member(url, ward, ward.clinic.doctor)
    pharmacist = member(url, ward, ward.pharmacist)
    draft = doctor.ask("POST", "/prescriptions", body(ward, who, lines=[{**LINE, "days": 8}]))
    assert (draft.status_code, draft.headers["ETag"]) == (201, '"1"')
    path, shown = f"/prescriptions/{draft.json()['id']}", draft.json()
    assert shown["findings"] == [{"code": "quantity_too_small", "severity": "warn", "line": 1}]
    assert (shown["lines"][0]["name"], shown["lines"][0]["category"], shown["order"]) == (NAME, "A", None)
    assert doctor.refused("PUT", path, {"lines": [LINE], "diagnoses": DIAGNOSES}) == (428, "if_match_required")
    edited = doctor.do("PUT", path, {"lines": [LINE], "diagnoses": DIAGNOSES, "note": NOTE}, If_Match='"1"')
    assert (edited["version"], edited["findings"], edited["validity_days"]) == (2, [], 3)
    signed = doctor.do("POST", f"{path}/signature", {"acknowledged": []})
    assert (signed["state"], signed["review"]["state"]) == ("pending_review", "queued")
    assert span(signed["signed_at"], signed["expires_at"]) == timedelta(seconds=3 * SECONDS)
    reviewed(pharmacist, doctor, path, signed["review"]["id"])
    read = who.do("GET", path)
    assert [one["role"] for one in read["signatures"]] == ["doctor", "confirmation", "reviewer"]
    assert (read["note"], read["review"], read["lines"][0]["unit"]) == (NOTE, None, "片")
    eventually(lambda: own(who) == ("ready", None))
    assert who.do("GET", "/me/prescriptions")["data"][0]["institution_name"] == "示范医院"
    assert [one["id"] for one in doctor.do("GET", "/doctor/prescriptions?state=ready")["data"]] == [read["id"]]
    withdrawn_is_heard_of(who, doctor, path)
    nothing_clinical_was_logged(logs_of)


def withdrawn_is_heard_of(who: Somebody, doctor: Somebody, path: str) -> None:
    """The doctor withdraws it, and its resident reads why."""
    withdrawn = doctor.do("POST", f"{path}/withdrawal", {"reason": "adverse_reaction"})
    assert (withdrawn["state"], withdrawn["stopping"]) == ("withdrawn", None)
    eventually(lambda: own(who) == ("withdrawn", "adverse_reaction"))


def test_medical_affairs_withdraw_what_a_doctor_wrote_who_left(url: str, ward: Ward) -> None:
    signed = ward.signed()
    path = f"/prescriptions/{known(signed)}"
    head = member(url, ward, ward.clinic.hospital.member(Role.MEDICAL_AFFAIRS))
    wrong = {"reason": "written_wrongly"}
    assert head.refused("POST", f"{path}/withdrawal", wrong) == (403, "doctor_can_act")
    assert head.refused("GET", path) == (403, "forbidden")
    end_staff(ward.clinic.doctor, BY)
    assert head.do("POST", f"{path}/withdrawal", wrong)["state"] == "withdrawn"


def nothing_clinical_was_logged(logs_of: Path) -> None:
    """The processes' logs hold no word of it."""
    logged = b"".join(file.read_bytes() for file in logs_of.rglob("*") if file.is_file()).decode()
    assert "worker_ready" in logged
    clinical = (NOTE, NAME, QUESTION, ANSWER, CODE, "张三", "I10.x09")
    assert [words for words in clinical if words in logged or json.dumps(words)[1:-1] in logged] == []


def reviewed(pharmacist: Somebody, doctor: Somebody, path: str, review: str) -> None:
    """A question, an answer, and the review passes."""
    at = f"/prescription-reviews/{review}"
    assert review in [one["id"] for one in pharmacist.do("GET", "/prescription-reviews?state=queued")["data"]]
    assert pharmacist.do("GET", path)["note"] == NOTE
    pharmacist.do("POST", f"{at}/taking")
    asked = pharmacist.do("POST", f"{at}/query", {"reason": "interaction", "words": QUESTION})
    assert (asked["state"], asked["reason"]) == ("pending_review", "interaction")
    assert doctor.do("GET", path)["review"]["words"] == QUESTION
    assert doctor.do("POST", f"{path}/confirmation", {"words": ANSWER})["review"]["answer"] == ANSWER
    pharmacist.do("POST", f"{at}/taking")
    unticked = {"checks": {**CHECKS, "legality": False}}
    assert pharmacist.refused("POST", f"{at}/passing", unticked) == (422, "invalid_input")
    assert pharmacist.do("POST", f"{at}/passing", {"checks": CHECKS, "answered": []})["state"] == "ready"


def span(begin: str, end: str) -> timedelta:
    return datetime.fromisoformat(end) - datetime.fromisoformat(begin)


def own(who: Somebody) -> tuple[str, str | None] | None:
    """State and reason of the newest of their prescriptions."""
    found = who.do("GET", "/me/prescriptions")["data"]
    return (found[0]["state"], found[0]["reason"]) if found else None


def test_an_allergy_stands_in_the_way(url: str, ward: Ward) -> None:
    who, doctor = person(url), member(url, ward, ward.clinic.doctor)
    stated = who.do("POST", "/me/allergies", {"group": "C08", "name": "地平类"})
    wanted = body(ward, who)
    draft = doctor.do("POST", "/prescriptions", wanted)
    assert draft["findings"] == [{"code": "allergy", "severity": "block", "line": 1}]
    answer = doctor.ask("POST", f"/prescriptions/{draft['id']}/signature", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "prescription_blocked")
    assert [fault["rule"] for fault in answer.json()["errors"]] == ["allergy"]
    assert doctor.do("POST", f"/prescriptions/{draft['id']}/discarding")["state"] == "discarded"
    assert who.do("POST", f"/me/allergies/{stated['id']}/removal")["state"] == "removed"
    assert [one["name"] for one in who.do("GET", "/me/allergies")["data"]] == ["地平类"]
    assert doctor.do("POST", "/prescriptions", wanted)["findings"] == []


def test_expired_by_the_worker(url: str, platform: Platform, ward: Ward) -> None:
    who, doctor = person(url), member(url, ward, ward.clinic.doctor)
    draft = doctor.do("POST", "/prescriptions", body(ward, who, validity_days=1))
    doctor.do("POST", f"/prescriptions/{draft['id']}/signature", {})
    with platform.connection() as connection:
        connection.execute(
            "UPDATE prescriptions SET due_at = now() WHERE tenant_id = %s", [ward.scope.require_tenant()]
        )
    eventually(lambda: own(who) == ("expired", None))


def test_a_resident_closes_their_own(url: str, ward: Ward) -> None:
    ready = ward.ready(visit=ward.visit(person=of(person(url))))
    path = f"/prescriptions/{PublicId('prx', ward.scope, ready.row.id)}/closing"
    token = enter(ready.row.resident_id, "+8613900000000", "zh-CN", "").access_token
    who = Somebody(url, token, str(PublicId(PERSON, Scope.for_person(ready.row.resident_id), ready.row.resident_id)))
    assert person(url).refused("POST", path, {"reason": "not_wanted"}) == (404, "not_found")
    assert who.refused("POST", path, {"reason": "because"}) == (422, "invalid_input")
    closed = who.do("POST", path, {"reason": "not_wanted"})
    assert (closed["state"], closed["review"]) == ("closed_unsupplied", None)
    assert own(who) == ("closed_unsupplied", "not_wanted")


def test_the_formulary(url: str, ward: Ward) -> None:
    administrator = staff(url, ward.clinic.hospital, Role.TENANT_ADMINISTRATOR)
    made = administrator.do("POST", "/medicines", MEDICINE)
    assert (made["version"], made["listed"], made["control"]) == (1, True, "ordinary")
    assert administrator.refused("POST", "/medicines", MEDICINE) == (409, "medicine_exists")
    change = {name: value for name, value in MEDICINE.items() if name != "code"}
    path = f"/medicines/{made['id']}"
    changed = administrator.do("PUT", path, {**change, "listed": False, "pack_units": 40}, If_Match='"1"')
    assert (changed["version"], changed["listed"], changed["pack_units"]) == (2, False, 40)
    assert administrator.refused("PUT", path, {**change, "listed": True}, If_Match='"1"') == (412, "stale_version")
    group = {**MEDICINE, "code": "x", "ingredient_group": "N02AA"}
    assert administrator.refused("POST", "/medicines", group) == (422, "invalid_input")
    wrong = administrator.ask("POST", "/medicines", {**MEDICINE, "code": "x", "daily_limit": 1})
    assert [fault["pointer"] for fault in wrong.json()["errors"]] == ["/daily_limit"]
    doctor, elsewhere = member(url, ward, ward.clinic.doctor), Ward(ward.platform)
    assert [one["name"] for one in doctor.do("GET", "/medicines?name=甲双")["data"]] == ["二甲双胍片"]
    assert doctor.do("GET", "/medicines?name=100%")["data"] == []
    assert doctor.refused("POST", "/medicines", MEDICINE) == (403, "forbidden")
    stranger = member(url, elsewhere, elsewhere.pharmacist)
    assert stranger.refused("PUT", path, {**change, "listed": True}, If_Match='"2"') == (404, "not_found")


def test_strangers_find_nothing(url: str, ward: Ward) -> None:
    ready, elsewhere = ward.ready(), Ward(ward.platform)
    path = f"/prescriptions/{PublicId('prx', ward.scope, ready.row.id)}"
    review = f"/prescription-reviews/{ward.review(ready)}"
    for who in (person(url), member(url, elsewhere, elsewhere.clinic.doctor)):
        assert who.refused("GET", path) == (404, "not_found")
    stranger = member(url, elsewhere, elsewhere.clinic.doctor)
    assert stranger.refused("POST", f"{path}/withdrawal", {"reason": "written_wrongly"}) == (404, "not_found")
    assert member(url, elsewhere, elsewhere.pharmacist).refused("POST", f"{review}/taking") == (404, "not_found")
    assert person(url).refused("POST", f"{path}/withdrawal", {"reason": "written_wrongly"}) == (403, "forbidden")
    assert member(url, ward, ward.clinic.doctor).refused("POST", f"{review}/taking") == (403, "forbidden")
    other = staff(url, ward.clinic.hospital, Role.DOCTOR)
    assert other.refused("GET", path) == (403, "forbidden")
    registrar = staff(url, ward.clinic.hospital, Role.REGISTRAR)
    assert registrar.refused("GET", path) == (403, "forbidden")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{**LINE, "dose": 0}]}, "/lines/0/dose"),
        ({"lines": [{**LINE, "frequency": "often"}]}, "/lines/0/frequency"),
        ({"diagnoses": [{"code": "高血压", "name": "x"}]}, "/diagnoses/0/code"),
        ({"validity_days": 4}, "/validity_days"),
        ({"visit": "x"}, "/visit"),
        ({"replaces": "x"}, "/replaces"),
    ],
)
def test_a_request_that_cannot_be(url: str, ward: Ward, change: dict[str, Any], pointer: str) -> None:
    doctor = member(url, ward, ward.clinic.doctor)
    given = {"visit": str(PublicId("vis", ward.scope, ward.pharmacist.id)), "lines": [LINE], "diagnoses": DIAGNOSES}
    answer = doctor.ask("POST", "/prescriptions", {**given, **change})
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_double_tap_is_one_signature(url: str, ward: Ward) -> None:
    who, doctor = person(url), member(url, ward, ward.clinic.doctor)
    draft = doctor.do("POST", "/prescriptions", body(ward, who))
    answers = [doctor.ask("POST", f"/prescriptions/{draft['id']}/signature", {}, key="tap") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(answers[0].json()["signatures"]) == 1


def test_signing_keys(url: str, ward: Ward) -> None:
    hospital, elsewhere = ward.clinic.hospital, Ward(ward.platform)
    doctor, other = staff(url, hospital, Role.DOCTOR), staff(url, hospital, Role.DOCTOR)
    made = doctor.do("POST", "/signing-keys")
    assert (made["algorithm"], made["state"], made["staff"]) == ("ES256", "active", doctor.public_id)
    assert sorted(made["public_key"]) == ["crv", "kty", "x", "y"]
    assert doctor.refused("POST", "/signing-keys") == (409, "signing_key_exists")
    assert other.do("GET", "/signing-keys")["data"] == []
    administrator = staff(url, hospital, Role.TENANT_ADMINISTRATOR)
    assert made["id"] in [one["id"] for one in administrator.do("GET", "/signing-keys")["data"]]
    path, why = f"/signing-keys/{made['id']}/revocation", {"reason": "affiliation_changed"}
    assert other.refused("POST", path, why) == (403, "forbidden")
    assert staff(url, elsewhere.clinic.hospital, Role.DOCTOR).refused("POST", path, why) == (404, "not_found")
    assert staff(url, hospital, Role.REGISTRAR).refused("POST", "/signing-keys") == (403, "forbidden")
    assert administrator.refused("POST", "/signing-keys") == (403, "forbidden")
    assert administrator.do("POST", path, why)["state"] == "revoked"
    assert [one["state"] for one in doctor.do("GET", "/signing-keys")["data"]] == ["revoked"]
