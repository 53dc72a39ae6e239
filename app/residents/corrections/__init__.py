"""Residents ask institutions to correct what these keep about them, and read the answer."""
