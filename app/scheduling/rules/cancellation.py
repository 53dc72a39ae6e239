"""Until when a resident may give a place up. Pure."""

from datetime import datetime, timedelta

FREE_UNTIL = timedelta(hours=2)
"""How long before its start a paid appointment can be given up for a full refund; after that only staff may cancel."""


def cancellation_ends(starts_at: datetime, fee: int) -> datetime:
    """The moment from which its resident cannot cancel a confirmed appointment that begins at `starts_at` any more.

    One that costs nothing (`fee` in fen) can be given up until it begins: there is nothing to give back.
    """
    return starts_at - FREE_UNTIL if fee else starts_at
