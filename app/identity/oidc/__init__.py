"""OpenID Connect: apps of others that a resident lets read or act for them, after signing in and consenting here."""
