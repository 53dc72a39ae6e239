"""The use cases of residents, one module each."""
