"""Prescriptions over HTTP, by use case."""
