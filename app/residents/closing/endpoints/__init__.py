"""HTTP of closing, one file each for the resident and for the platform's desk."""
