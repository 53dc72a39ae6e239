"""Errors of scheduling, each with its stable code."""

from app.core.errors import WrongState


def slot_full() -> WrongState:
    """Every place of the slot is taken."""
    return WrongState("every place of this slot is taken", code="slot_full")


def slot_past() -> WrongState:
    """The slot has begun."""
    return WrongState("this slot has begun", code="slot_past")


def shift_stopped() -> WrongState:
    """The shift does not take place."""
    return WrongState("this shift was stopped", code="shift_stopped")


def shift_changed() -> WrongState:
    """The shift was changed between the look at it and the taking of a place."""
    return WrongState("this shift was just changed: look at it again", code="shift_changed")


def already_booked() -> WrongState:
    """The person holds a place in this subject on this day."""
    return WrongState("you hold a place in this subject on this day", code="already_booked")


def shift_exists() -> WrongState:
    """The doctor has an open shift in this half-day."""
    return WrongState("the doctor has a shift in this half-day", code="shift_exists")


def cancellation_closed() -> WrongState:
    """It is too late for the resident to cancel; staff of the hospital may."""
    return WrongState("it is too late to cancel; ask the hospital", code="cancellation_closed")


def already_ended() -> WrongState:
    """The appointment was canceled or released before."""
    return WrongState("the appointment has ended", code="appointment_ended")
