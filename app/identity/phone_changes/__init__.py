"""A person signs in with another number from now on: both numbers prove it, and the former one leads to nobody."""
