"""Passkeys of a person (WebAuthn Level 3): made, kept, shown to sign in, and shown as a second factor."""
