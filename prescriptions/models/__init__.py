"""Tables of prescriptions."""

from prescriptions.models.prescribing import (
    Medicine,
    PersonPrescription,
    Prescription,
    PrescriptionReview,
    PrescriptionSignature,
)
from prescriptions.models.routing import Choice, Product, Quote, RoutingOrder

__all__ = [
    "Choice",
    "Medicine",
    "PersonPrescription",
    "Prescription",
    "PrescriptionReview",
    "PrescriptionSignature",
    "Product",
    "Quote",
    "RoutingOrder",
]
