"""The tenants slice, on the real database."""
