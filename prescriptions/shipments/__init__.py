"""Shipments: a courier of the pharmacy brings to the door what was prepared; the hand-over stays that of the order."""
