"""HTTP of the residents slice, one file each for the resident and for the team."""
