"""Bodies and answers of the insurance endpoints."""
