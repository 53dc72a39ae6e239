"""Outside partners of identity, one module each."""
