"""Why a tenant's own people and systems read its events."""

from app.core.purposes import Purpose
from tenants.service.looking import FEED

PURPOSES = (
    Purpose(
        "event: what happened to which thing, by ids, states, codes and amounts", "administrator, integrator, systems",
        "those of the institution, by its feed or by a delivery that is looked into",
        "their role or system ends; the journal is kept for ever", FEED,
    ),
)  # fmt: skip
