"""What other slices may use of residents."""

from app.residents.errors import TooManyTries, guardian_needed
from app.residents.names import CONTRACT_ID
from app.residents.rules.ages import ADULT, is_of_age
from app.residents.rules.allergies import ATC
from app.residents.rules.cards import CardKind, masked
from app.residents.rules.consents import Category
from app.residents.rules.consents import Purpose as ConsentPurpose
from app.residents.rules.contracts import Package
from app.residents.rules.identity_cards import parse_identity_card
from app.residents.service.allergies import StatedAllergy, allergies, stated_allergies
from app.residents.service.cards import find_by_card
from app.residents.service.contracts import Contract, active_contract, resident_of_contract
from app.residents.service.own_looks import look_at_shared, look_for_care, look_for_research
from app.residents.service.reading import Identity, Verified, identity_of, known_as, verified
from app.residents.service.sharing import Reader, consented
from app.residents.service.verification import find_by_number, next_day

__all__ = [
    "ADULT",
    "ATC",
    "CONTRACT_ID",
    "CardKind",
    "Category",
    "ConsentPurpose",
    "Contract",
    "Identity",
    "Package",
    "Reader",
    "StatedAllergy",
    "TooManyTries",
    "Verified",
    "active_contract",
    "allergies",
    "consented",
    "find_by_card",
    "find_by_number",
    "guardian_needed",
    "identity_of",
    "is_of_age",
    "known_as",
    "look_at_shared",
    "look_for_care",
    "look_for_research",
    "masked",
    "next_day",
    "parse_identity_card",
    "resident_of_contract",
    "stated_allergies",
    "verified",
]
