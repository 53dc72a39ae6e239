"""What other slices may use of tenants."""

from tenants.names import OUTSIDE, PLATFORM, PUBLIC_TYPES, STAFF_ID, TENANT_ID
from tenants.proposal_models import Proposal
from tenants.proposal_rules import ProposalEvent, ProposalState
from tenants.rules import Kind
from tenants.service.doctors import offer_text_visits
from tenants.service.looking import (
    FEED,
    LOOKED,
    Across,
    Shown,
    Who,
    look,
    look_across,
    mark,
    of_person,
    system_of,
    with_mark,
)
from tenants.service.platform import invite_operator, invite_regulator
from tenants.service.practice import (
    WORDS as PRACTICE_WORDS,
)
from tenants.service.practice import (
    PracticeRefusal,
    doctor_may_practise,
    doctor_may_practise_any,
    doctor_may_visit_online,
    name_of,
    person_behind,
    same_person,
    somebody_as,
)
from tenants.service.presence import refuse_without_presence
from tenants.service.profiles import (
    MAY_ACT,
    Institution,
    may_act,
    organization_name,
    profile_of,
    responsible_institution,
)
from tenants.service.proposals import content_of, decide, propose, waiting_for
from tenants.service.proving import Outside
from tenants.service.refusals import remembering
from tenants.service.selling import Published, may_sell_online, published
from tenants.service.signers import signer_of
from tenants.service.staff import end as end_staff
from tenants.service.staff import granted, grants, holders
from tenants.staff_rules import CLINICAL, GIVEN_BY_OTHERS, ROLES_OF
from tenants.viewing import Viewer, staff_in

__all__ = [
    "CLINICAL",
    "FEED",
    "GIVEN_BY_OTHERS",
    "LOOKED",
    "MAY_ACT",
    "OUTSIDE",
    "PLATFORM",
    "PRACTICE_WORDS",
    "PUBLIC_TYPES",
    "ROLES_OF",
    "STAFF_ID",
    "TENANT_ID",
    "Across",
    "Institution",
    "Kind",
    "Outside",
    "PracticeRefusal",
    "Proposal",
    "ProposalEvent",
    "ProposalState",
    "Published",
    "Shown",
    "Viewer",
    "Who",
    "content_of",
    "decide",
    "doctor_may_practise",
    "doctor_may_practise_any",
    "doctor_may_visit_online",
    "end_staff",
    "granted",
    "grants",
    "holders",
    "invite_operator",
    "invite_regulator",
    "look",
    "look_across",
    "mark",
    "may_act",
    "may_sell_online",
    "name_of",
    "of_person",
    "offer_text_visits",
    "organization_name",
    "person_behind",
    "profile_of",
    "propose",
    "published",
    "refuse_without_presence",
    "remembering",
    "responsible_institution",
    "same_person",
    "signer_of",
    "somebody_as",
    "staff_in",
    "system_of",
    "waiting_for",
    "with_mark",
]
