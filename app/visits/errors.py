"""Errors of visits, each with its stable code."""

from app.core.errors import InvalidInput, WrongState


def refused(code: str, detail: str) -> WrongState:
    """Something stands against it; `code` is the reason's."""
    return WrongState(detail, code=code)


def no_text_visits() -> WrongState:
    """The doctor has no fee for text visits."""
    return WrongState("the doctor offers no text visits", code="no_text_visits")


def already_open() -> WrongState:
    """The resident has a visit with this doctor in this subject that has not ended."""
    return WrongState("there is an open visit with this doctor in this subject already", code="visit_open")


def too_many_pictures() -> WrongState:
    """A visit has no place for another picture."""
    return WrongState("the visit has as many pictures as it may have", code="too_many_pictures")


def malware_found() -> InvalidInput:
    """The scanner found something in what was sent; nothing of it is kept."""
    return InvalidInput("the scanner found malware in it", code="malware_found")


def picture_scanning() -> WrongState:
    """Nobody reads a picture before it was scanned."""
    return WrongState("the picture is still to be scanned for malware", code="picture_scanning")


def picture_refused() -> WrongState:
    """The scanner found something in it, and it was deleted."""
    return WrongState("the scanner found malware in the picture, and it was deleted", code="picture_refused")


def not_now() -> WrongState:
    """The visit's state does not allow it."""
    return WrongState("the visit is not in a state in which this can be done", code="visit_state")


def prescription_stands() -> WrongState:
    """A visit that bears a signed prescription is care: it is not stopped, and its fee does not go back."""
    detail = "a prescription that was signed in this visit stands: withdraw it first, or conclude the visit"
    return WrongState(detail, code="prescription_stands")


def time_over() -> WrongState:
    """The doctor's time for it is over."""
    return WrongState("the time for this is over", code="visit_time_over")
