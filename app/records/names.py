"""Names that this slice gives to ids, purposes, relays, events and what the application keeps for it."""

EMERGENCY_ID = "emg"
RESEARCH_PROJECT_ID = "rsp"

CONSENT = "consent"
"""Why somebody reads what a resident consented to."""
EMERGENCY = "emergency"
"""Why a doctor reads without a consent."""
EMERGENCY_REVIEW = "emergency_review"
"""Why a privacy officer reads of an emergency access."""
RESEARCH = "research"
"""Why somebody reads a de-identified extract for an approved project."""

EMERGENCY_RELAY = "emergency_access.tell"
"""To the person whose records were opened."""
EVENTS = {
    "emergency_access.opened": "A doctor opened a resident's records without a consent, with a reason.",
    "emergency_access.ended": "An emergency access ended; a privacy officer has to review it.",
    "emergency_access.overdue": "No privacy officer reviewed an emergency access in time; told weekly until one does.",
    "emergency_access.justified": "A privacy officer found that the access was justified.",
    "emergency_access.unjustified": "A privacy officer found that the access was not justified; the resident is told.",
}
"""Public events of this slice."""

TERM = "cloud_hospital_emergency_term"
"""Where the application keeps how long an emergency access lasts."""
