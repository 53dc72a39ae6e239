"""Prescriptions: written, checked, signed, reviewed, quoted, routed to a pharmacy and handed over."""
