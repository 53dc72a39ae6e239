"""Reads of the insurance slice; lists come in pages."""
