"""The account's pages over HTTP, one module each."""
