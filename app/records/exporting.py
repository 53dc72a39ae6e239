"""What this slice contributes to the export of everything about a person: nothing of its own.

What is read by it is kept by others; consents and the access log are told by residents.
"""

from app.edge.exporting import Contribution

CONTRIBUTION = Contribution(parts={}, tables=frozenset())
