"""Scheduling: shifts, slots, and the places that residents hold in them."""
