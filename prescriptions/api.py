"""What other slices may use of prescriptions."""

from prescriptions.names import ORDER_ID, SUPPLY_ENDED, SUPPLY_FULFILLED
from prescriptions.order_content import SupplyLine
from prescriptions.service.summaries import (
    PrescribedMedicine,
    PrescriptionSummary,
    prescription_summaries,
    signed_here,
    signed_prescriptions,
)
from prescriptions.service.supplying import Supply, mark_settled, supply_to_settle

__all__ = [
    "ORDER_ID",
    "SUPPLY_ENDED",
    "SUPPLY_FULFILLED",
    "PrescribedMedicine",
    "PrescriptionSummary",
    "Supply",
    "SupplyLine",
    "mark_settled",
    "prescription_summaries",
    "signed_here",
    "signed_prescriptions",
    "supply_to_settle",
]
