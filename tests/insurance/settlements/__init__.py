"""Settlements and claims."""
