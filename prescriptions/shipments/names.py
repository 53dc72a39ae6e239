"""Names that shipments give to ids, purposes and events."""

SHIPMENT_ID = "shp"
TERMS_ID = "sht"

PURPOSE = "shipment"
"""Why somebody of a pharmacy reads where a parcel goes."""

CARRY = "shipments.carry"
"""What somebody may who is given parcels."""
GIVE = "shipments.give"
"""What somebody may who gives them, and sees all of the pharmacy's."""

SHIPMENT_EVENTS = {
    "shipment.asked": "A resident wants an order brought to their door.",
    "shipment.declined": "The pharmacy does not bring it, with a reason: the resident collects, or asks again.",
    "shipment.called_off": "The shipment ended before a courier had the parcel, with a reason.",
    "shipment.given": "The prepared parcel was given to a courier of the pharmacy, or to another one.",
    "shipment.picked_up": "The courier has the parcel.",
    "shipment.under_way": "The courier is on the way to the door.",
    "shipment.handed_over": "The courier handed the medicines over, against the pick-up code.",
    "shipment.incident": "The parcel cannot be handed over, with a reason: it comes back.",
    "shipment.returned": "The parcel is back at the pharmacy.",
    "shipment.lost": "The parcel was not back a week after its order ended.",
}
"""Public events of shipments, in the pharmacy's tenant."""
