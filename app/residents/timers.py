"""What residents' rows forget: marks of looks, old accesses, and values that were reserved and that nobody has."""

from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.residents.access_models import Access
from app.residents.allergy_models import CareLook
from app.residents.case_models import AccountCase
from app.residents.consent_models import Consent
from app.residents.export_models import DataExport
from app.residents.models import Card, IdentityNumber
from app.residents.repository import bound_card
from app.residents.reservations import let_go
from app.residents.service.gathering import export_due
from app.residents.service.verification import holds_number


def let_numbers_go(scope: Scope) -> int:
    """Delete the reservation of an identity number that nobody was verified by; returns whether it was due."""
    return let_go(IdentityNumber, scope, holds_number)


def let_cards_go(scope: Scope) -> int:
    """Delete the row of a card that is bound to nobody; returns whether it was due."""
    return let_go(Card, scope, lambda reading, digest: bound_card(reading, digest) is not None)


TIMERS = (
    forgetting("forget-care-looks", CareLook),
    forgetting("forget-accesses", Access),
    forgetting("forget-account-cases", AccountCase),
    forgetting("forget-consents", Consent),
    Timer("exports", (DataExport,), export_due),
    Timer("let-numbers-go", (IdentityNumber,), let_numbers_go, hurried=False),
    Timer("let-cards-go", (Card,), let_cards_go, hurried=False),
)
