"""Residents: who somebody is as the subject of care, their cards, their family doctors, what was done about them."""
