"""What codes and rules can be that are computed where they are raised, by the module that does so.

A table of words that stands in such a module is named, not repeated.
"""

from collections.abc import Mapping
from typing import get_args

from app.core.http.errors import Reason

Words = Mapping[str, str]
Told = tuple[str | Words, ...]
"""Words, or the name under which the module itself has a table of them."""
FRAMEWORK: Words = {
    "method_not_allowed": "There is no such method here: `Allow` names those that are.",
    "not_acceptable": "`Accept` names nothing that this can be answered as; the detail names what can.",
    "request_too_large": "The body is longer than this request may be; the detail says how long. The connection ends.",
    "unsupported_media_type": "The body is of another media type than is read here; the detail names it.",
}
"""What the web framework refuses."""
_STATES = ("offered", "accepted", "checked", "preparing", "prepared")
_ORDER = {
    "order_ended": "The order ended without a hand-over: nothing may be supplied with it.",
    "order_fulfilled": "The order was handed over.",
    **{f"order_not_{state}": f"The step that makes the order {state} comes first." for state in _STATES[1:]},
    **{f"order_already_{state}": f"The order is {state} already: the time for this is over." for state in _STATES},
}
_NOWHERE = "The platform sends nothing to such an address."
_DESTINATION = {f"destination_{reason}": _NOWHERE for reason in get_args(Reason)}
COMPUTED_CODES: Mapping[str, Mapping[int, Told]] = {
    "app.records.errors": {409: ("PRACTICE_WORDS",)},
    "app.scheduling.service.booking": {409: ("PRACTICE_WORDS",)},
    "app.visits.errors": {409: ("PRACTICE_WORDS", "LACKS"), 422: ("PRACTICE", "BASIS")},
    "tenants.service.consents": {
        409: (
            {
                "home_consent_declined": "The home institution declined before.",
                "home_consent_withdrawn": "The consent was withdrawn before.",
            },
        )
    },
    "tenants.service.proposals": {
        403: (
            {
                "own_proposal": "somebody else must confirm what you proposed",
                "proposal_of_another": "only who proposed it withdraws it",
            },
        )
    },
    "tenants.service.staff": {
        409: (
            {
                "affiliation_not_active": "The affiliation is suspended or has ended.",
                "affiliation_not_suspended": "The affiliation is not suspended.",
            },
        )
    },
    "prescriptions.routing_errors": {409: ("AGAINST", _ORDER)},
    "prescriptions.service.reviewing": {
        403: ({"own_prescription": "nobody reviews what they wrote"},),
        409: (
            {
                "review_taken": "Another pharmacist has the review; its lease lasts five minutes.",
                "review_not_taken": "take the review first; a lease lasts five minutes",
            },
        ),
    },
    "insurance.errors": {
        409: (
            {
                "stale_claim_version": "the decision is about another version of the claim",
                "stale_decision": "the case has this decision or a later one",
                "case_closed": "The case takes no decision any more.",
            },
        )
    },
    "insurance.service.cases": {
        409: (
            {
                "over_ceiling": "the fund has less left in this benefit year",
                "over_deductible": "less of the deductible is left in this benefit year",
            },
        )
    },
}
"""By the module that raises them, and their status."""
COMPUTED_RULES: Mapping[str, Told] = {
    "app.edge.parsing": (),
    "app.identity.passwords.service": ("DETAILS",),
    "app.payments.service.accounts": (_DESTINATION,),
    "app.scheduling.service.shifts": ("PRACTICE_WORDS",),
    "app.visits.errors": ("PRACTICE", "BASIS"),
    "tenants.rules": (),
    "tenants.service.applications": (
        {
            "document_missing": "A paper of this kind is needed.",
            "document_expired": "A paper of this kind that holds is needed.",
        },
    ),
    "tenants.service.webhooks": (_DESTINATION,),
    "prescriptions.errors": ("FINDINGS", "PRACTICE_WORDS"),
    "prescriptions.routing_errors": (),
    "prescriptions.service.counting": (),
    "insurance.errors": (),
    "insurance.service.connections": (_DESTINATION,),
    "insurance.service.members": (),
}
"""By the module that finds the fault; empty where the words stand where it calls, or beside."""
