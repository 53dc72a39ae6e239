"""Webhooks: deliveries of public events to the endpoints of the tenant that they happened in."""
