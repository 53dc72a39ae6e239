"""Use cases of scheduling, one file each."""
