"""Relays between a person and their insurer about coverages."""

from app.core.relays import Handler
from insurance.names import COVERAGE_ASKED, COVERAGE_SHOW
from insurance.service.binding import take_asked
from insurance.service.telling import take_shown

HANDLERS: dict[tuple[str, int], Handler] = {
    (COVERAGE_ASKED, 1): take_asked,
    (COVERAGE_SHOW, 1): take_shown,
}
