"""What can go wrong around residents, their documents and cards."""

from app.core.errors import Forbidden, Problem, WrongState


class TooManyTries(Problem):
    """429: no try is left today; `retry_after` is when the next local day begins."""

    status = 429
    code = "too_many_tries"
    title = "Too many tries today"


class TooManyExports(Problem):
    """429: the person has asked for as many exports as they may in a day."""

    status = 429
    code = "too_many_exports"
    title = "Too many exports today"


class IdentityNotConfirmed(Problem):
    """403: the registry does not confirm this name with this number; whether it knows the number is not said."""

    status = 403
    code = "identity_not_confirmed"
    title = "The identity is not confirmed"


class IdentityConflict(Problem):
    """409: this identity cannot be taken by this account; who has it, and whether anybody has, is not said."""

    status = 409
    code = "identity_conflict"
    title = "This identity cannot be confirmed here"


class CardRefused(Problem):
    """409: this card cannot be bound by this resident; who has it, and whether anybody has, is not said."""

    status = 409
    code = "card_refused"
    title = "This card cannot be bound here"


def guardian_needed() -> Forbidden:
    """The refusal of what the law has a guardian do for a minor."""
    return Forbidden("a guardian does this for a minor, with a token of their own for them", code="guardian_needed")


def not_of_age() -> Forbidden:
    """The refusal of what an adult alone does."""
    return Forbidden("only an adult does this", code="not_of_age")


def account_closed() -> WrongState:
    """The refusal of what is asked for somebody who died or gave up their account."""
    return WrongState("this account is closed", code="account_closed")


def unverified() -> Forbidden:
    """The refusal of what asks for a verified real name."""
    return Forbidden("verify your real name first", code="resident_unverified")
