"""For which purpose staff reads appointments of somebody who telephones, as the docs tell it."""

from app.core.purposes import Purpose
from app.scheduling.names import PURPOSE

PURPOSES = (
    Purpose(
        "appointment: time, doctor, state", "phone agent",
        "those of the person whose number is named, at this hospital", "they begin", PURPOSE,
    ),
)  # fmt: skip
