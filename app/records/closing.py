"""The records slice's part in the end of an account."""

from app.edge.closing import Closing, Rule

CLOSING = Closing(kept={"emergency_accesses": Rule.PROCESSING})
