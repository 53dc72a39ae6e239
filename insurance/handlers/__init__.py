"""What insurance does when it hears of something."""
