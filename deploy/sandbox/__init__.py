"""Programs that stand in for outside partners in development, demonstrations and tests."""
