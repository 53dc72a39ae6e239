"""Pure decisions of insurance."""
