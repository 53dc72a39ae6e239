"""HTTP of the tenants slice, one file for each kind of user."""
