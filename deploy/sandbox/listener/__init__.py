"""An integrator's first program: signs in as an API client, registers a webhook endpoint, proves it, hears events."""
