"""Bodies and answers, by use case."""
