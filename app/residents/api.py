"""What other slices may use of residents."""

from app.residents.rules.cards import CardKind
from app.residents.rules.contracts import Package
from app.residents.service.cards import find_by_card
from app.residents.service.contracts import Contract, active_contract
from app.residents.service.reading import Verified, verified

__all__ = ["CardKind", "Contract", "Package", "Verified", "active_contract", "find_by_card", "verified"]
