"""Names that this slice gives to ids, relays, events and what the application keeps for it."""

SHIFT_ID = "shi"
SLOT_ID = "slt"
PURPOSE = "appointment"
"""Why who answers the telephone looks for somebody's appointments."""
APPOINTMENT_ID = "apt"

SHOW = "appointment.show"
"""The relay that tells a person what their appointment is now."""
EVENTS = {
    "appointment.held": "A place was taken and waits for its payment.",
    "appointment.confirmed": "The place is the resident's.",
    "appointment.released": "A place that was not paid for came back.",
    "appointment.canceled": "A confirmed or paid appointment was given up; what was paid goes back.",
    "shift.stopped": "The shift does not take place; every holder is told and refunded.",
}
"""Public events of this slice."""

HOLD = "cloud_hospital_hold"
"""Where the application keeps for how long a place waits for its payment."""
