"""HTTP of family, one file each for the resident and for the platform's desk."""
