"""Devices on which people have signed in: known by a token of their own, listed, and forgotten."""
