"""The append-only journal: the audit trail, the feed of events and the outbox in one."""
