"""What the worker counts by doctor and medicine, and forgets after its day."""

from app.core.timers import Timer
from prescriptions.models.counting import DrugCount
from prescriptions.service.tallying import count_due

COUNTING = Timer("count-drugs", (DrugCount,), count_due)
