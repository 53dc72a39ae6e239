"""HTTP of the scheduling slice, one file for each kind of user."""
