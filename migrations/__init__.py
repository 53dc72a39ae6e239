"""Schema migrations: expand, backfill, contract, with old workers still running."""
