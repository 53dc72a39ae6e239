"""The demonstration as whoever runs it sees it."""
