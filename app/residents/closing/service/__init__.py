"""Use cases of closing, one file each."""
