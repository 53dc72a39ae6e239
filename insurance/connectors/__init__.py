"""Connectors of insurance to the outside."""
