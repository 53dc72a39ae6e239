"""The HTTP edge that every slice's endpoints share: admission, parsing, idempotency, problems."""
