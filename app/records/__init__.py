"""Records that institutions keep, read by another one: because their resident consented, or in an emergency."""
