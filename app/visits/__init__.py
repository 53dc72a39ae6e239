"""Visits: a resident asks a doctor in writing, on a legal basis, for a fee that comes back unless it is completed."""
