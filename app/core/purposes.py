"""Why somebody of a tenant may read what it keeps of residents: one line for each thing and reader, told in the docs.

Each slice says its own beside the conditions that its queries find rows by.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purpose:
    """A line of the table of purposes; words for people, but `code`, which stands in the look's entry."""

    thing: str
    """What is read."""
    who: str
    rows: str
    """Which rows of it."""
    until: str
    code: str
    """Empty where what is read names nobody as the subject of a look."""
