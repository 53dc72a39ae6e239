"""What closing does by itself: carries out erasures whose time has come, does what follows from deaths, and deletes
what was kept for long enough.
"""

from app.core.timers import Timer
from app.residents.closing.models import DeathRecord, Erasure, Retention
from app.residents.closing.service.deaths import follow
from app.residents.closing.service.erasing import erase_due
from app.residents.closing.service.retaining import forget_due

TIMERS = (
    Timer("erasures", (Erasure,), erase_due, hurried=False),
    Timer("deaths", (DeathRecord,), follow),
    Timer("retentions", (Retention,), forget_due, hurried=False),
)
