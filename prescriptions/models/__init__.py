"""Tables of prescriptions."""

from prescriptions.models.counting import DrugCount
from prescriptions.models.prescribing import (
    Medicine,
    PersonPrescription,
    Prescription,
    PrescriptionReview,
    PrescriptionSignature,
)
from prescriptions.models.routing import Choice, Product, Quote, RoutingOrder
from prescriptions.shipments.models import Shipment, ShippingTerms

__all__ = [
    "Choice",
    "DrugCount",
    "Medicine",
    "PersonPrescription",
    "Prescription",
    "PrescriptionReview",
    "PrescriptionSignature",
    "Product",
    "Quote",
    "RoutingOrder",
    "Shipment",
    "ShippingTerms",
]
