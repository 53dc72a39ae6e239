"""How the hospital is run: its database, servers, worker and outside partners as programs."""
