"""Relays of eligibility checks."""

from app.core.relays import Handler
from insurance.names import ELIGIBILITY_ANSWER, ELIGIBILITY_ASK, ELIGIBILITY_FORWARD
from insurance.service.eligibility import take_answer, take_forwarded, take_question

HANDLERS: dict[tuple[str, int], Handler] = {
    (ELIGIBILITY_ASK, 1): take_question,
    (ELIGIBILITY_FORWARD, 1): take_forwarded,
    (ELIGIBILITY_ANSWER, 1): take_answer,
}
