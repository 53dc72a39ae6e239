"""Use cases of reading what others keep."""
