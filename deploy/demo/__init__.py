"""A day of the cloud hospital, played over HTTP by the people in it, against real processes on this machine."""
