"""Records that others keep: read by a consent until it is taken back, and in an emergency that is reviewed."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from deploy.demo.booking import ZONE
from deploy.demo.cast import member
from deploy.demo.family import Team
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

CATEGORIES = ("visits", "diagnoses")
PURPOSE = "family_doctor"
DAYS = 30


def played(resident: Person, team: Team, visit: str, progress: Progress) -> None:
    """A team's doctor reads of the hospital's `visit`: by consents, then not at all, then in an emergency."""
    contract = resident.do("GET", "/me/family-contracts")["data"][0]["id"]
    path = f"/family-contracts/{contract}/record-readings"
    consents = _given(resident, team, path, visit, progress)
    _taken_back(resident, team, path, consents, progress)
    _reviewed(resident, team, _in_an_emergency(resident, team, visit, progress), progress)


def _given(resident: Person, team: Team, path: str, visit: str, progress: Progress) -> list[str]:
    with progress.step(
        "consent given", "one for each category, by the text that was shown; then another's doctor reads"
    ):
        code = team.doctor.refused(403, "POST", path)
        expect(code == "no_consent", f"without a consent reading was refused as {code}")
        consents = [_consent(resident, team, category) for category in CATEGORIES]
        for category in CATEGORIES:
            rows = team.doctor.do("POST", f"{path}?category={category}")["data"]
            expect(visit in [row["source"] for row in rows], f"the hospital's visit is not among its {category}")
        code = team.doctor.refused(403, "POST", f"{path}?category=prescriptions")
        expect(code == "no_consent", f"another category was refused as {code}")
        log = resident.do("GET", "/me/access-log")["data"]
        expect(log[0]["purpose"] == "consent", f"the resident's log begins with {log[0]['sentence']}")
        return consents


def _taken_back(resident: Person, team: Team, path: str, consents: list[str], progress: Progress) -> None:
    with progress.step("consent taken back", "refused from that moment on"):
        for consent in consents:
            resident.do("POST", f"/me/consents/{consent}/revocation")
        for category in CATEGORIES:
            code = team.doctor.refused(403, "POST", f"{path}?category={category}")
            expect(code == "no_consent", f"after the revocation reading was refused as {code}")


def _in_an_emergency(resident: Person, team: Team, visit: str, progress: Progress) -> str:
    card = f"HC{secrets.randbelow(10**12):012d}"
    resident.do("POST", "/me/cards", {"kind": "health_card", "number": card})
    body = {"card_kind": "health_card", "number": card, "reason": "unconscious", "explanation": "晕倒，家属不在场"}
    with progress.step("emergency access", "without a consent, with a reason; the resident reads it at once"):
        nurse = member(team.tenant, "护士", "nurse")
        code = nurse.refused(403, "POST", "/emergency-accesses", body)
        expect(code == "forbidden", f"a nurse was refused as {code}")
        access = str(team.doctor.do("POST", "/emergency-accesses", body)["id"])
        rows = team.doctor.do("POST", f"/emergency-accesses/{access}/record-readings")["data"]
        expect(visit in [row["source"] for row in rows], "the hospital's visit is not there")
        until(lambda: _told(resident, "emergency_access.opened", access), "the notice in the resident's journal")
        kinds = {one["kind"] for one in resident.do("GET", "/me/access-log")["data"] if one["purpose"] == "emergency"}
        expect("shared_visits" in kinds, f"the access log tells of {kinds}")
        return access


def _reviewed(resident: Person, team: Team, access: str, progress: Progress) -> None:
    path = f"/emergency-accesses/{access}"
    with progress.step("emergency reviewed", "by the privacy officer; the resident is told the verdict"):
        officer = member(team.tenant, "隐私专员", "privacy_officer")
        waiting = officer.do("GET", "/emergency-accesses?state=open")["data"]
        expect([one["id"] for one in waiting] == [access], "the privacy officer does not see it")
        team.doctor.do("POST", f"{path}/ending")
        code = team.doctor.refused(404, "POST", f"{path}/record-readings")
        expect(code == "not_found", f"after its end it was refused as {code}")
        verdict = {"verdict": "unjustified", "findings": "当时可以联系到居民本人"}
        expect(officer.do("POST", f"{path}/review", verdict)["state"] == "unjustified", "the verdict was not kept")
        until(lambda: _told(resident, "emergency_access.unjustified", access), "the verdict in the resident's journal")


def _consent(resident: Person, team: Team, category: str) -> str:
    texts = resident.do("GET", "/consent-texts")["data"]
    shown = next(one for one in texts if (one["purpose"], one["category"]) == (PURPOSE, category))
    body = {
        "institution": team.tenant.id, "purpose": PURPOSE, "category": category, "text_sha256": shown["sha256"],
        "ends_on": (datetime.now(ZONE).date() + timedelta(days=DAYS)).isoformat(),
    }  # fmt: skip
    return str(resident.do("POST", "/me/consents", body)["id"])


def _told(resident: Person, type: str, access: str) -> bool:
    """Whether the resident's own journal has an entry of that type about the access."""
    cursor: str | None = ""
    while cursor is not None:
        page: dict[str, Any] = resident.do("GET", f"/me/journal?limit=100&cursor={cursor}")
        if any((one["type"], one["subject"]) == (type, access) for one in page["data"]):
            return True
        cursor = page["next_cursor"]
    return False
