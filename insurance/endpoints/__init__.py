"""Insurance over HTTP, by what is asked for."""
