"""A client of another house, in another language: openid-client, driven by tests."""
