"""What other slices may use of residents."""

from app.residents.errors import TooManyTries
from app.residents.rules.allergies import ATC
from app.residents.rules.cards import CardKind, masked
from app.residents.rules.contracts import Package
from app.residents.rules.identity_cards import parse_identity_card
from app.residents.service.allergies import allergies, look_for_care
from app.residents.service.cards import find_by_card
from app.residents.service.contracts import Contract, active_contract
from app.residents.service.reading import Identity, Verified, identity_of, known_as, verified
from app.residents.service.verification import next_day

__all__ = [
    "ATC",
    "CardKind",
    "Contract",
    "Identity",
    "Package",
    "TooManyTries",
    "Verified",
    "active_contract",
    "allergies",
    "find_by_card",
    "identity_of",
    "known_as",
    "look_for_care",
    "masked",
    "next_day",
    "parse_identity_card",
    "verified",
]
