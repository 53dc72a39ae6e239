"""HTTP of shipments."""
