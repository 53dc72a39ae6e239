"""Signing keys of staff, and signatures made and checked with them."""
