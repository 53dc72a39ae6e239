"""What the residents slice hands to the factory."""

from app.core.send.carried import CARRIED
from app.edge.slice import Slice
from app.residents.closing.closing import CLOSING
from app.residents.closing.endpoints import desk as deaths
from app.residents.closing.endpoints import own as erasure
from app.residents.closing.service.retaining import take_erasure
from app.residents.closing.timers import TIMERS as OF_CLOSING
from app.residents.corrections import endpoints as corrections
from app.residents.corrections.projection import take_correction
from app.residents.corrections.purposes import PURPOSES as OF_CORRECTED
from app.residents.corrections.timers import TIMERS as OF_CORRECTIONS
from app.residents.endpoints import accesses, allergies, cases, consents, exports, own, team
from app.residents.exporting import CONTRIBUTION
from app.residents.family.endpoints import desk
from app.residents.family.endpoints import own as family
from app.residents.family.service.representations import take_representation
from app.residents.family.timers import TIMERS as OF_FAMILY
from app.residents.names import (
    CHECK_RELAY,
    CHECKED_RELAY,
    CONSENT_RELAY,
    CONTRACT_RELAY,
    CORRECTION_RELAY,
    ERASURE_RELAY,
    EVENTS,
    EXPORT_RELAY,
    NOTICE_RELAY,
    OPEN_CASE_RELAY,
    REPRESENTATION_RELAY,
)
from app.residents.purposes import PURPOSES
from app.residents.service.accesses import take_look
from app.residents.service.case_relays import take_case, take_check, take_checked, take_notice
from app.residents.service.consents import take_consent
from app.residents.service.exports import take_export
from app.residents.service.hooks import take_hook
from app.residents.service.projection import take_contract
from app.residents.timers import TIMERS
from tenants.api import LOOKED

SLICE = Slice(
    "residents",
    blueprints=(
        own.blueprint, team.blueprint, allergies.blueprint, accesses.blueprint, exports.blueprint, cases.blueprint,
        consents.blueprint, family.blueprint, desk.blueprint, erasure.blueprint, deaths.blueprint,
        corrections.blueprint,
    ),
    handlers={
        (CONTRACT_RELAY, 1): take_contract,
        (LOOKED, 1): take_look,
        (EXPORT_RELAY, 1): take_export,
        (CARRIED, 1): take_hook,
        (OPEN_CASE_RELAY, 1): take_case,
        (NOTICE_RELAY, 1): take_notice,
        (CHECK_RELAY, 1): take_check,
        (CHECKED_RELAY, 1): take_checked,
        (CONSENT_RELAY, 1): take_consent,
        (REPRESENTATION_RELAY, 1): take_representation,
        (ERASURE_RELAY, 1): take_erasure,
        (CORRECTION_RELAY, 1): take_correction,
    },
    answers_for_erased=frozenset({(CHECK_RELAY, 1)}),
    events=EVENTS,
    exports=CONTRIBUTION,
    closing=CLOSING,
    timers=(*TIMERS, *OF_FAMILY, *OF_CLOSING, *OF_CORRECTIONS),
    purposes=(*PURPOSES, *OF_CORRECTED),
)  # fmt: skip
