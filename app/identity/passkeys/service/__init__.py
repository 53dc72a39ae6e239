"""The use cases of passkeys."""
