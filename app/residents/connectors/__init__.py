"""The outside partners of residents, one file each."""
