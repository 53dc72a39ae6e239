"""How an account ends: erased at its person's wish, or closed when the person died."""
