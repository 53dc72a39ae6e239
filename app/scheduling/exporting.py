"""What scheduling contributes to the export of everything about a person: their appointments."""

from app.edge.exporting import Contribution, every, rendered, rows_within
from app.scheduling.models import Appointment, PersonAppointment
from app.scheduling.queries import appointments_of
from app.scheduling.schemas import AppointmentOut, OwnAppointmentOut

CONTRIBUTION = Contribution(
    parts={
        "appointments": lambda whose: rendered(
            OwnAppointmentOut, every(lambda asked: appointments_of(whose.scope, asked))
        ),
        "appointments_at_institutions": lambda whose: rendered(
            AppointmentOut, (row for _, row in rows_within(whose, Appointment))
        ),
    },
    tables=frozenset({"person_appointments", "appointments"}),
    names=(PersonAppointment.tenant,),
)
