"""A scheme's split of what was supplied, and what must hold of it before it is believed. Pure; amounts in fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """One line of what is settled."""

    sequence: int
    code: str = field(repr=False)
    name: str = field(repr=False)
    category: str
    """The insurance class: A, B or C (甲, 乙, 丙)."""
    quantity: int
    amount: int


@dataclass(frozen=True)
class LineSplit:
    """Who bears what of a line."""

    sequence: int
    fund: int
    account: int
    cash: int


@dataclass(frozen=True)
class Split:
    """Who bears what: the scheme's funds, the person's account with the scheme, the person in cash."""

    total: int
    fund: int
    account: int
    cash: int
    fund_parts: Mapping[str, int]
    lines: tuple[LineSplit, ...]


def all_own(items: Sequence[Item]) -> Split:
    """Everything is the person's."""
    total = sum(item.amount for item in items)
    lines = tuple(LineSplit(item.sequence, 0, 0, item.amount) for item in items)
    return Split(total, 0, 0, total, {}, lines)


def fits(split: Split, items: Sequence[Item]) -> bool:
    """Whether `split` is one of `items`: each line once and whole, no part below zero, all sums right."""
    amounts = {item.sequence: item.amount for item in items}
    borne = {line.sequence: line.fund + line.account + line.cash for line in split.lines}
    parts = [*split.fund_parts.values(), *(part for one in split.lines for part in (one.fund, one.account, one.cash))]
    return (
        len(split.lines) == len(items)
        and borne == amounts
        and min(parts, default=0) >= 0
        and split.total == sum(amounts.values())
        and split.fund == sum(split.fund_parts.values()) == sum(line.fund for line in split.lines)
        and split.account == sum(line.account for line in split.lines)
        and split.cash == sum(line.cash for line in split.lines)
    )
