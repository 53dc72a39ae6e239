"""Visits over HTTP, by who calls."""
