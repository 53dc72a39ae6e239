"""The edge, proved with a slice of its own that uses every part of it."""
