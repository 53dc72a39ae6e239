"""What prescriptions do when they hear of something elsewhere."""
