"""Bills and merchant accounts over HTTP, and what two people change in them."""
