"""What a public scheme is asked about a settlement, and what came of it: the half of driving that touches no row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from insurance.connectors.scheme import TAKEN_BACK, Question, Settled, scheme
from insurance.connectors.wire import Reach, SchemeRefused, SchemeUnavailable
from insurance.rules.settlements import State
from insurance.rules.splits import Split

CONFLICT = "settlement_conflict"
REVERSED = "settlement_reversed"


@dataclass(frozen=True)
class Call:
    """What to ask about a settlement, with everything that the call needs."""

    state: State
    number: str
    reach: Reach
    question: Question
    shown: Split
    """The split that the resident has seen."""
    credential: str = field(repr=False)
    reason: str
    tries: int
    """How often this was asked, with this time."""
    given_up: bool
    """Whether its reversal waits for people and is asked for only rarely."""

    @property
    def again(self) -> bool:
        """Whether it was asked before, so that it may have had its effect."""
        return self.tries > 1

    def perform(self) -> "Said":
        """Make the call; never raises what a scheme may do."""
        try:
            return _STEPS[self.state](self)
        except SchemeRefused as refused:
            return Said(refusal=refused.code, doubt=self.again or refused.code == CONFLICT)
        except SchemeUnavailable as trouble:
            return Said(trouble=str(trouble))


@dataclass(frozen=True)
class Said:
    """What came of a call."""

    split: Split | None = None
    number: str | None = None
    refusal: str | None = None
    doubt: bool = False
    """Whether an earlier call, of which nothing was heard, may still have its effect in spite of the refusal."""
    trouble: str | None = None
    """Why there is no answer that can be believed: it has to be asked again."""

    @property
    def silent(self) -> bool:
        """Whether it has to be asked again."""
        return self.trouble is not None


def _trial(call: Call) -> Said:
    return Said(scheme().trial(call.reach, call.question))


def _settle(call: Call) -> Said:
    if call.again:
        known = _became(call)
        if isinstance(known, Settled):
            return Said(known.split, known.number)
        if known == TAKEN_BACK:
            return Said(refusal=REVERSED)
    done = scheme().settle(call.reach, call.question, call.number, call.credential, call.shown)
    return Said(done.split, done.number)


def _became(call: Call) -> Settled | str:
    try:
        return scheme().query(call.reach, call.number, call.question.items)
    except SchemeRefused as refused:  # that it will not say is no word about the settlement
        raise SchemeUnavailable(refused.code) from refused


def _reverse(call: Call) -> Said:
    """A scheme that refuses to reverse is asked again, as one that is silent: it may not keep what was undone."""
    try:
        scheme().reverse(call.reach, call.number, call.reason)
    except SchemeRefused as refused:
        raise SchemeUnavailable(refused.code) from refused
    return Said()


_STEPS: Mapping[State, Callable[[Call], Said]] = {
    State.ASKED: _trial,
    State.COMMITTING: _settle,
    State.REVERSING: _reverse,
}
