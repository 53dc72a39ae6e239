"""Use cases of family, one file each."""
