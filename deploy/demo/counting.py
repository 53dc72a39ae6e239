"""Counts by doctor and medicine: for supervision alone, on two people's word."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deploy.demo.cast import member
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

ZONE = ZoneInfo("Asia/Shanghai")
NOT_READY = 409


def counted(hospital: Tenant, pharmacist: Person, progress: Progress) -> None:
    """Medical affairs asks, a pharmacist confirms, and who asked reads; nobody else does."""
    affairs = member(hospital, "医务科", "medical_affairs")
    with progress.step("drugs counted", "asked for with a reason, confirmed by another, read by who asked alone"):
        today = datetime.now(UTC).astimezone(ZONE).date()
        since = today - timedelta(days=1)  # the day may have begun while the demonstration plays
        wish = {"begins_on": since.isoformat(), "ends_on": today.isoformat(), "reason": "处方点评"}
        asked = affairs.do("POST", "/drug-counts", wish)
        path = f"/drug-counts/{asked['id']}"
        expect(affairs.refused(404, "POST", f"{path}/reading") == "not_found", "counts were read unconfirmed")
        pharmacist.do("POST", f"{path}/confirmation")
        until(lambda: affairs.ask("POST", f"{path}/reading").status_code != NOT_READY, "the worker's counts")
        rows = affairs.do("POST", f"{path}/reading")["data"]
        expect(bool(rows) and all(row["packs"] > 0 for row in rows), "nothing was counted")
        other = member(hospital, "另一医务", "medical_affairs")
        expect(other.refused(404, "POST", f"{path}/reading") == "not_found", "somebody else read the counts")
