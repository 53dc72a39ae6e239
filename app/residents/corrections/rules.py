"""What can be asked to be corrected, of whom, and how soon it is answered. Pure.

Sources: 个人信息保护法, article 46 (who finds their data wrong or incomplete may have it corrected);
App违法违规收集使用个人信息 行为认定方法, article 6: checked and done within 15 working days.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

WORKING_DAYS = 15


class Area(StrEnum):
    """Who answers: those who keep medical records, or the registration desk."""

    RECORD = "record"
    REGISTRATION = "registration"


class Of(NamedTuple):
    """In which table a thing stands, and who answers for it."""

    table: str
    area: Area


SUBJECTS: Mapping[str, Of] = {
    "vis": Of("visits", Area.RECORD),
    "prx": Of("prescriptions", Area.RECORD),
    "apt": Of("appointments", Area.REGISTRATION),
    "bil": Of("bills", Area.REGISTRATION),
    "fdc": Of("family_contracts", Area.REGISTRATION),
}
"""By the prefix of the public id."""


class State(StrEnum):
    """`open` until it is answered."""

    OPEN = "open"
    CORRECTED = "corrected"
    DECLINED = "declined"


class DeclineReason(StrEnum):
    """Why something stays as it is."""

    IT_IS_RIGHT = "it_is_right"
    JUDGEMENT = "judgement"
    """What a doctor concluded at that time is no error of fact."""
    NOT_OURS = "not_ours"
    UNPROVED = "unproved"


PERMISSION: Mapping[Area, str] = {
    Area.RECORD: "corrections.of_records",
    Area.REGISTRATION: "corrections.of_registrations",
}
"""What somebody needs, beside `corrections.answer`, who answers in that area."""
