"""What may happen to shifts and appointments. Pure."""
