"""The pure decisions of residents: values in, decision out."""
