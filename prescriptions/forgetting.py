"""What prescriptions forget by itself: quotes that nobody chose, at the pharmacy and at the hospital; counts after
their day."""

from app.core.forgetting import forgetting
from prescriptions.models.counting import DrugCount
from prescriptions.models.routing import Choice, Quote

FORGETTING = forgetting("forget-quotes", Quote, Choice)
FORGETTING_COUNTS = forgetting("forget-drug-counts", DrugCount)
