"""What people are told about the safety of their own account: a list of their own, and a message to their phone."""
