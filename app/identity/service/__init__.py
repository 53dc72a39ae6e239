"""The use cases of identity, one module each."""
