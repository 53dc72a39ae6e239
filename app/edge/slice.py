"""What a slice hands to the factory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Flask
from flask_smorest import Blueprint

from app.core.purposes import Purpose
from app.core.relays import Handlers
from app.core.timers import Timer
from app.edge.closing import Closing
from app.edge.exporting import Contribution


@dataclass(frozen=True)
class Slice:
    """One slice of the platform, as the factory installs it."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    handlers: Handlers = field(default_factory=dict)
    answers_for_erased: frozenset[tuple[str, int]] = frozenset()
    """Those that answer although the account of their taker was erased: who asks waits, and nothing is kept of it."""
    events: Mapping[str, str] = field(default_factory=dict)
    """Public event types of this slice, each with a sentence of documentation."""
    timers: tuple[Timer, ...] = ()
    exports: Contribution | None = None
    """Its part in the export of everything about a person."""
    purposes: tuple[Purpose, ...] = ()
    """Why staff and systems read what this slice keeps of residents."""
    closing: Closing | None = None
    """Its part in the end of every account."""
    install: Callable[[Flask], None] | None = None
    """Anything else that must be hung into the web application."""
