"""Of what an owner is told, and for how long that is kept. Pure."""

from datetime import timedelta
from enum import StrEnum

NOTICE_ID = "snt"
KEPT = timedelta(days=365)
"""For how long a notice stays in its person's list: who looks once a year still finds what happened."""
MOST_TRIES = 8
"""A message is tried again after 1, 2, 4, ... minutes, over four hours in all: few outages last as long."""


class Kind(StrEnum):
    """What happened to an account; each is a text that the SMS gateway knows too."""

    NEW_DEVICE = "new_device"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    PASSKEY_STOPPED = "passkey_stopped"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODES_USED_UP = "recovery_codes_used_up"
    PASSWORD_SET = "password_set"  # noqa: S105  # a word, no secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # as above
    PASSWORD_REMOVED = "password_removed"  # noqa: S105  # as above
    CODES_SPENT = "codes_spent"
    NUMBER_CONFLICT = "number_conflict"
    NUMBER_PARTED = "number_parted"
    IDENTITY_CONFLICT = "identity_conflict"
    ACCOUNT_HANDED_OVER = "account_handed_over"
    IDENTITY_RELEASED = "identity_released"
    PHONE_CHANGED = "phone_changed"


class State(StrEnum):
    """Of the message about a notice: `waiting` to be sent, `sent`, or `unsent` after the last try."""

    WAITING = "waiting"
    SENT = "sent"
    UNSENT = "unsent"


def pause_after(tries: int) -> timedelta:
    """How long after the `tries`th try the next one is made."""
    return timedelta(minutes=2 ** max(0, tries - 1))
