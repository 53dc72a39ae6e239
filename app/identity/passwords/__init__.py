"""Passwords: set, changed and removed by their owner, kept as argon2id, and tried slowly."""
