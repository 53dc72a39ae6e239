"""Connectors of signatures to the outside."""
