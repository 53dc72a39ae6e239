"""What other slices may use of tenants."""

from tenants.names import OUTSIDE, PUBLIC_TYPES, STAFF_ID, TENANT_ID
from tenants.service.platform import invite_operator
from tenants.service.practice import PracticeRefusal, doctor_may_practise, doctor_may_visit_online, name_of
from tenants.service.profiles import Institution, may_act, profile_of, responsible_institution
from tenants.service.staff import end as end_staff
from tenants.service.staff import grants
from tenants.service.webhooks import Outside

__all__ = [
    "OUTSIDE",
    "PUBLIC_TYPES",
    "STAFF_ID",
    "TENANT_ID",
    "Institution",
    "Outside",
    "PracticeRefusal",
    "doctor_may_practise",
    "doctor_may_visit_online",
    "end_staff",
    "grants",
    "invite_operator",
    "may_act",
    "name_of",
    "profile_of",
    "responsible_institution",
]
