"""A slice that exists only to prove the machinery: notes that one tenant sends to another."""
