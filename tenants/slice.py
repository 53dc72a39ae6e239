"""What the tenants slice hands to the factory."""

from app.edge.slice import Slice
from tenants.closing import CLOSING
from tenants.endpoints import administering, joining, licensing, operating, practising, proposing, supervising, webhooks
from tenants.exporting import CONTRIBUTION
from tenants.names import (
    AFFILIATE,
    ANSWER_HOME,
    ASK_HOME,
    DECIDE_LICENSE,
    END_ASKING,
    EVENTS,
    OFFER,
    OPEN,
    PUBLISH,
    PUBLISH_DOCTOR,
    REVOKE_LICENSE,
    SUBMIT_LICENSE,
    SUSPEND,
)
from tenants.purposes import PURPOSES
from tenants.service.consents import take_answer
from tenants.service.doctors import take_doctor, take_offer
from tenants.service.home_asking import take_end, take_question
from tenants.service.licenses import take_decision, take_revocation
from tenants.service.membership import take_affiliation
from tenants.service.opening import take_opening
from tenants.service.presence import FORGETTING
from tenants.service.publishing import take_publication
from tenants.service.reviews import take_submission
from tenants.service.suspension import take_suspension
from tenants.timers import TIMERS

SLICE = Slice(
    "tenants",
    blueprints=(
        joining.blueprint, operating.blueprint, proposing.blueprint, administering.blueprint, licensing.blueprint,
        practising.blueprint, supervising.blueprint, webhooks.blueprint,
    ),
    handlers={
        (OPEN, 1): take_opening,
        (SUSPEND, 1): take_suspension,
        (PUBLISH, 1): take_publication,
        (PUBLISH_DOCTOR, 1): take_doctor,
        (OFFER, 1): take_offer,
        (AFFILIATE, 1): take_affiliation,
        (SUBMIT_LICENSE, 1): take_submission,
        (DECIDE_LICENSE, 1): take_decision,
        (REVOKE_LICENSE, 1): take_revocation,
        (ASK_HOME, 1): take_question,
        (END_ASKING, 1): take_end,
        (ANSWER_HOME, 1): take_answer,
    },
    events=EVENTS,
    timers=(*TIMERS, FORGETTING),
    exports=CONTRIBUTION, closing=CLOSING, purposes=PURPOSES,
)  # fmt: skip
