"""Names that this slice gives to ids, relays and events."""

MEDICINE_ID = "med"
PRESCRIPTION_ID = "prx"
REVIEW_ID = "prv"
PRODUCT_ID = "prd"
QUOTE_ID = "quo"
ORDER_ID = "rou"
CHOICE_ID = "cho"
DRUG_COUNT_ID = "dct"

PURPOSE = "prescription"
"""Why staff reads what a prescription or a routing order holds."""

SHOW = "prescription.show"
"""The relay that tells a person what their prescription is now."""
ORDER_OFFER = "routing_order.offer"
"""The relay with which a hospital offers a prescription to a pharmacy."""
ORDER_STOP = "routing_order.stop"
"""The relay with which the hospital asks for the end of an order that it offered."""
ORDER_MOVED = "routing_order.moved"
"""The relay with which a pharmacy tells the hospital what became of the order."""
SUPPLY_ENDED = "supply.ended"
"""To the pharmacy's own tenant: an order ended without hand-over; what was paid or settled for it goes back."""
SUPPLY_FULFILLED = "supply.fulfilled"
"""To the pharmacy's own tenant: the medicines were handed over; they may be claimed for."""

OFFER = "cloud_hospital_offer"
"""Where the application keeps how long a pharmacy has to accept an order."""
ORDER_EVENTS = {
    "routing_order.offered": "A hospital offered a prescription that a resident routed here.",
    "routing_order.accepted": "The pharmacy accepted the order: it is named for whom.",
    "routing_order.declined": "The pharmacy did not accept the order, with a reason.",
    "routing_order.timed_out": "The pharmacy did not answer the offer in time.",
    "routing_order.released": "The pharmacy gave back an order that it had accepted, with a reason.",
    "routing_order.revoked": "The resident or the hospital took the order back: nothing may be handed over.",
    "routing_order.expired": "The prescription's time ended before hand-over.",
    "routing_order.checked": "The pharmacy's pharmacist checked and signed.",
    "routing_order.prepared": "The medicines are prepared and verified: they wait for payment and their resident.",
    "routing_order.settled": "The order is paid for: its medicines may be handed over.",
    "routing_order.fulfilled": "The medicines were handed over.",
}
"""Public events of routing orders, in the pharmacy's tenant."""

DAY = "cloud_hospital_prescription_day"
"""Where the application keeps how long a day of validity lasts; None where it is one of the calendar."""
EVENTS: dict[str, str] = {
    "prescription.pending_review": "The doctor signed the prescription: it stands in the pharmacists' queue.",
    "prescription.ready": "A pharmacist reviewed and signed the prescription, or its order ended: it may be routed.",
    "prescription.review_rejected": "A pharmacist rejected the prescription, with a reason.",
    "prescription.queried": "A pharmacist asks the doctor about the prescription.",
    "prescription.confirmed": "The doctor answered the pharmacist with a second signature.",
    "prescription.offered": "The prescription was offered to a pharmacy.",
    "prescription.stopping": "The prescription shall end: the pharmacy that holds its order has to answer.",
    "prescription.completed": "The pharmacy handed the medicines over.",
    "prescription.closed_unsupplied": "The resident gave the prescription up.",
    "prescription.withdrawn": "The doctor or a deputy withdrew it, or its visit failed; with a reason.",
    "prescription.expired": "The prescription's time ended before it was supplied.",
}
"""Public events of this slice."""
