"""What prescriptions forget by itself: quotes that nobody chose, at the pharmacy and at the hospital."""

from app.core.forgetting import forgetting
from prescriptions.models.routing import Choice, Quote

FORGETTING = forgetting("forget-quotes", Quote, Choice)
