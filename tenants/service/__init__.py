"""Use cases of tenants, one file for each group."""
