"""Second factors of a person: authenticator apps and recovery codes, and proving one for a sign-in."""
