"""For which purpose records are read that others keep, and emergency accesses; see `service/grounds.py`."""

from app.core.purposes import Purpose
from app.records.names import CONSENT, EMERGENCY, EMERGENCY_REVIEW, RESEARCH

_KEPT = "what all institutions keep: visits, diagnoses, prescriptions; stated allergies"
PURPOSES = (
    Purpose(
        _KEPT, "doctor",
        "of the resident of a visit that they have taken, each category by a consent to treatment or to the group",
        "the visit ends, or the consent is taken back or over", CONSENT,
    ),
    Purpose(
        _KEPT, "doctor of a family-doctor team",
        "of the resident of a contract, each category by a consent to the family doctor",
        "the contract ends, or the consent is taken back or over", CONSENT,
    ),
    Purpose(
        _KEPT, "claims reviewer",
        "of the resident of a claim case, each category by a consent to the claim",
        "the case is decided, or the consent is taken back or over", CONSENT,
    ),
    Purpose(
        _KEPT, "doctor in an emergency",
        "of the resident whose records they opened with a reason", "they end it, or four hours later", EMERGENCY,
    ),
    Purpose(
        "extract for research: diagnoses or medicines by codes, month, year of birth, under a name of the project's",
        "researcher", "of residents who have a visit or a prescription of the institution, each category by a consent "
        "to research; for a project that somebody else registered with its ethics approval",
        "the project or the consent ends", RESEARCH,
    ),
    Purpose(
        "emergency access: who opened whose records, and why", "privacy officer", "those of the institution",
        "it is deleted, three years after its review", EMERGENCY_REVIEW,
    ),
)  # fmt: skip
