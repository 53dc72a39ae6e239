"""Time stamps of signatures (RFC 3161): asked for by the worker, kept beside what they are of."""
