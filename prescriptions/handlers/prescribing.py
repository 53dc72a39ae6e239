"""What a person's scope does when it hears of a prescription."""

from app.core.relays import Handler
from prescriptions.names import SHOW
from prescriptions.service.telling import take_shown

HANDLERS: dict[tuple[str, int], Handler] = {(SHOW, 1): take_shown}
