"""Made-up papers of the demonstration's organizations; numbers are counted up so that no two are alike."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_numbers = itertools.count(1)
SUBJECTS = ["03", "04", "07", "50"]
"""诊疗科目: internal medicine, surgery, pediatrics, traditional Chinese medicine."""
KINDS: dict[str, list[str]] = {
    "hospital": ["medical_institution_license", "internet_hospital_license", "mlps_level_3", "insurance_agreement"],
    "clinic": ["clinic_filing"],
    "family_doctor_team": ["clinic_filing", "internet_hospital_license", "mlps_level_3"],
    "pharmacy": ["drug_supply_license", "online_sale_report", "insurance_agreement"],
    "insurer": ["insurer_license"],
}


def papers(kind: str) -> list[dict[str, Any]]:
    """What an organization of `kind` shows: valid for two years."""
    return [paper(document) for document in KINDS[kind]]


def paper(kind: str, days: int = 730) -> dict[str, Any]:
    """One paper, valid for `days` more."""
    subjects = SUBJECTS if kind in ("medical_institution_license", "clinic_filing") else []
    until = datetime.now(ZONE).date() + timedelta(days=days)
    return {
        "kind": kind, "number": f"DEMO-{next(_numbers):06d}", "issuer": "示范市卫生健康委员会",
        "subjects": subjects, "valid_until": until.isoformat(),
    }  # fmt: skip
