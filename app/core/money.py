"""Amounts of money: whole minor units (fen) with a currency, and the one way to split them."""

from collections.abc import Sequence

CURRENCY = "CNY"


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` fen in proportion to `weights`, exactly: the parts sum to `total` (largest remainder).

    Ties go to the earlier part. Raises ValueError for a negative total or weight, and for weights that sum to zero
    while there is something to split.
    """
    whole = sum(weights)
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights are not negative")
    if whole == 0:
        if total:
            raise ValueError("nothing to split over")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts
