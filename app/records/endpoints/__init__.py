"""Reading what others keep, over HTTP."""
