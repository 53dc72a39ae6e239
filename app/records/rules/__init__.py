"""Pure decisions about reading in an emergency."""
