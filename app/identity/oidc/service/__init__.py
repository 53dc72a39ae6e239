"""The use cases of the provider, one module each."""
