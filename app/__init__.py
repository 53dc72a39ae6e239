"""The cloud hospital platform."""
