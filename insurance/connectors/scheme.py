"""What a public scheme is asked: for a trial, to settle, to take back, and what became of a settlement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from app.core.http import Client, Policy
from insurance.connectors.wire import Reach, SchemeUnavailable, ask
from insurance.rules.splits import Item, LineSplit, Split, fits

HURRIED_SECONDS = 3.0
"""For a question that a quote waits for."""
PATIENT_SECONDS = 12.0
TRIAL, SETTLE, REVERSE, QUERY = "2206", "2207", "2208", "5203"
SETTLED, TAKEN_BACK, UNKNOWN = "settled", "reversed", "unknown"
"""What a scheme knows of a settlement of ours."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Question:
    """What is to be split, for whom."""

    person: str = field(repr=False)
    """The member number."""
    kind: str
    subject: str
    items: tuple[Item, ...] = field(repr=False)

    def plain(self) -> dict[str, Any]:
        """As the scheme reads it."""
        lines = [
            {"sequence": one.sequence, "code": one.code, "category": one.category, "amount": one.amount}
            for one in self.items
        ]
        return {"person": self.person, "kind": self.kind, "subject": self.subject, "lines": lines}


@dataclass(frozen=True)
class Settled:
    """What a scheme settled, under its own number."""

    split: Split
    number: str


@dataclass(frozen=True)
class Scheme:
    """Asks schemes; each call raises SchemeUnavailable, and SchemeRefused. Never within a unit."""

    client: Client
    hurried: Client

    def trial(self, reach: Reach, question: Question, *, hurried: bool = False) -> Split:
        """Who would bear what; changes nothing there."""
        client = self.hurried if hurried else self.client
        return _split(ask(client, reach, TRIAL, question.plain()), question.items)

    def settle(self, reach: Reach, question: Question, number: str, credential: str, expected: Split) -> Settled:
        """Settle under our `number`, if the split is still the expected one; the same number settles once.

        Never repeated by itself: who gets no answer asks what became of it first.
        """
        amounts = {"fund": expected.fund, "account": expected.account, "cash": expected.cash}
        more = {"settlement": number, "credential": credential, "expected": amounts}
        return _settled(ask(self.client, reach, SETTLE, question.plain() | more, repeat=False), question.items)

    def reverse(self, reach: Reach, number: str, reason: str) -> None:
        """Take `number` back; one that the scheme does not know can then never settle."""
        said = ask(self.client, reach, REVERSE, {"settlement": number, "reason": reason})
        if said.get("reversed") is not True:
            raise _nonsense()

    def query(self, reach: Reach, number: str, items: Sequence[Item]) -> Settled | str:
        """What became of `number`: what it settled, or that it was taken back or is not known."""
        said = ask(self.client, reach, QUERY, {"settlement": number})
        if said.get("state") == SETTLED:
            return _settled(said, items)
        if said.get("state") in (TAKEN_BACK, UNKNOWN):
            return str(said["state"])
        raise _nonsense()

    def close(self) -> None:
        """Drop the idle connections; who asks stays usable."""
        self.client.close()
        self.hurried.close()


_scheme: Scheme | None = None


def connect_schemes(policy: Policy) -> None:
    """Say, in the factory, what may be reached."""
    global _scheme  # noqa: PLW0603  # one process, one way out; the factory says it before the first call
    patient, hurried = (
        Client(replace(policy, connect_timeout=2.0, total_timeout=seconds))
        for seconds in (PATIENT_SECONDS, HURRIED_SECONDS)
    )
    _scheme = Scheme(patient, hurried)


def scheme() -> Scheme:
    """Who asks schemes in this process; raises RuntimeError before `connect_schemes`."""
    if _scheme is None:
        raise RuntimeError("no way to the schemes")
    return _scheme


def _settled(said: Mapping[str, Any], items: Sequence[Item]) -> Settled:
    number = said.get("settlement_id")
    if not isinstance(number, str) or not 0 < len(number) <= 100:  # noqa: PLR2004  # no honest number is longer
        raise _nonsense()
    return Settled(_split(said, items), number)


def _split(said: Mapping[str, Any], items: Sequence[Item]) -> Split:
    """The split in an answer; raises SchemeUnavailable where its sums are wrong: it is asked again, never believed."""
    try:
        lines = tuple(LineSplit(*(_fen(one[part]) for part in _LINE)) for one in said["lines"])
        parts = {str(code): _fen(amount) for code, amount in said["fund_parts"].items()}
        total, fund, account, cash = (_fen(said[part]) for part in ("total", "fund", "account", "cash"))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise _nonsense() from error
    found = Split(total, fund, account, cash, parts, lines)
    if not fits(found, items):
        raise _nonsense()
    return found


_LINE = ("sequence", "fund", "account", "cash")


def _fen(value: object) -> int:
    if type(value) is not int:
        raise TypeError("an amount is a whole number of fen")
    return value


def _nonsense() -> SchemeUnavailable:
    log.error("scheme_answer_wrong")
    return SchemeUnavailable("an answer that cannot be right")
