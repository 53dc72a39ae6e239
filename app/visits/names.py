"""Names that this slice gives to ids, relays, events and what the application keeps for it."""

VISIT_ID = "vis"
MESSAGE_ID = "msg"
RECORD_ID = "rec"
FEE_ID = "vfe"
PICTURE_ID = "vpi"
INSPECTION_ID = "vin"

PURPOSE = "visit"
"""Why a doctor reads what a visit holds."""
DUTY = "duty"
"""Why medical affairs does."""
SHOW = "visit.show"
"""The relay that tells a person what their visit is now."""
FAILED = "visit.failed"
"""To the visit's own tenant: a visit that was taken ended without its conclusion; what rests on it ends too."""
EVENTS = {
    "visit.paid": "The fee was paid: the visit stands in the doctor's queue.",
    "visit.taken": "The doctor took the visit.",
    "visit.completed": "The visit was concluded: by its doctor, or as the reason says.",
    "visit.stopped": "The doctor stopped the visit, with a reason; the fee goes back.",
    "visit.declined": "The doctor declined the visit, with a reason; the fee goes back.",
    "visit.not_taken": "The doctor did not take the visit in time; the fee goes back.",
    "visit.abandoned": "The window closed before the doctor had concluded; the fee goes back.",
    "visit.unconcluded": "The window closed on a signed prescription without a conclusion; told daily for 14 days.",
    "visit.left_unconcluded": "The conclusion is missing for 14 days: the visit waits in medical affairs' list.",
}
"""Public events of this slice."""

TERMS = "cloud_hospital_visit_terms"
"""Where the application keeps the times of a visit."""
