"""Use cases of prescriptions."""
