"""Connectors of tenants to the outside."""
