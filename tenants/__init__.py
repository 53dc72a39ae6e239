"""Organizations and their tenants: onboarding, licenses, staff, clients, webhook endpoints, the directory."""
