"""Outside services that every slice may need, one file each."""
