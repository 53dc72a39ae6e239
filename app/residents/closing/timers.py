"""What closing does by itself: carries out erasures whose time has come, and what follows from deaths."""

from app.core.timers import Timer
from app.residents.closing.models import DeathRecord, Erasure
from app.residents.closing.service.deaths import follow
from app.residents.closing.service.erasing import erase_due

TIMERS = (
    Timer("erasures", (Erasure,), erase_due, hurried=False),
    Timer("deaths", (DeathRecord,), follow),
)
