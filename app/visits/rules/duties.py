"""Duties for which medical affairs reads a visit of their institution. Pure.

Sources: 医疗质量管理办法 2016 (institutions check the quality of care), 医疗纠纷预防和处理条例 2018 (complaints and
disputes).
"""

from datetime import timedelta
from enum import StrEnum

SITTING = timedelta(hours=8)
"""For how long a named duty opens a visit: a day's work. A default without a legal source."""


class Duty(StrEnum):
    """What medical affairs reads a visit for."""

    QUALITY_CONTROL = "quality_control"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    ADVERSE_EVENT = "adverse_event"
