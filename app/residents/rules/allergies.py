"""How allergies are coded. Pure."""

MOST_ALLERGIES = 50
"""That one resident may state; a limit against mistakes of programs, not of medicine."""
ATC = r"\A[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?\Z"
"""A code of the Anatomical Therapeutic Chemical classification, of any level: J01C are the penicillins."""
