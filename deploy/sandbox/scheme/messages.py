"""What the scheme answers to each message; everything it knows is kept here, behind one lock."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploy.sandbox.benefits import Line
from deploy.sandbox.scheme.persons import Person, Settings, Split
from deploy.sandbox.server import Json, Refusal

LOCAL = ZoneInfo("Asia/Shanghai")
KINDS = ("visit", "medicine")
MOST_LINES = 200
LARGEST = 10**10


class Denied(Exception):
    """A message that was understood and not obeyed: its code and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass
class Settlement:
    """What became of one number. One that was reversed before it came has no content, and never will."""

    state: str
    content: Json | None = None
    output: Json | None = None
    person: Person | None = None
    split: Split | None = None
    year: int = 0


@dataclass
class Credential:
    """A token that a person shows once."""

    person: str
    used: bool = False


class Scheme:
    """The scheme's books."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._persons: dict[str, Person] = {}
        self._credentials: dict[str, Credential] = {}
        self._settlements: dict[tuple[str, str], Settlement] = {}
        """By institution and its own number: one institution can neither see nor hinder another's."""

    def person(self, given: Json) -> Json:
        """1101: who this is, and what is on the account."""
        with self._lock:
            person = self._person(given)
            settings = person.settings
            return {
                "person": settings.person, "name": settings.name, "in_force": settings.in_force,
                "account_balance": person.balance,
            }  # fmt: skip

    def trial(self, given: Json) -> Json:
        """2206: the split as it would be now. Holds nothing."""
        kind, lines = _bill(given)
        with self._lock:
            return self._person(given).split(kind, lines, _year()).shown()

    def settle(self, institution: str, given: Json, *, changed: bool) -> Json:
        """2207: settle once for each number; `changed` makes the split differ from what was expected."""
        kind, lines = _bill(given)
        key = (institution, _text(given, "settlement"))
        content = {name: value for name, value in given.items() if name != "credential"}
        with self._lock:
            if known := self._settlements.get(key):
                return _repeated(known, content)
            person, year = self._person(given), _year()
            split = person.split(kind, lines, year)
            shown = split.shown()
            if changed or _expected(given) != {name: shown[name] for name in ("fund", "account", "cash")}:
                raise Denied("split_changed", "the split is not what was expected: make a new trial")
            self._spend(given)
            person.take(split, year)
            output = {**shown, "settlement_id": f"S{secrets.token_hex(8)}", "settled_at": _now().isoformat()}
            self._settlements[key] = Settlement("settled", content, output, person, split, year)
            return output

    def reverse(self, institution: str, given: Json) -> Json:
        """2208: undo a settlement, or forbid one that never came. Safe to repeat."""
        key, _ = (institution, _text(given, "settlement")), _text(given, "reason")
        with self._lock:
            known = self._settlements.setdefault(key, Settlement("reversed"))
            if known.state == "settled" and known.person and known.split:
                known.person.take(known.split, known.year, -1)
                known.state = "reversed"
        return {"reversed": True}

    def query(self, institution: str, given: Json) -> Json:
        """5203: what became of a number."""
        key = (institution, _text(given, "settlement"))
        with self._lock:
            known = self._settlements.get(key, Settlement("unknown"))
            return {"state": known.state, **(known.output or {})}

    def enrol(self, wish: Any) -> Json:
        """Add a person, or change one's settings; raises Refusal."""
        settings = Settings.of(wish)
        with self._lock:
            known = self._persons.setdefault(settings.person, Person(settings, 0))
            known.set(settings)
        return {"person": settings.person}

    def issue(self, wish: Any) -> Json:
        """A credential for the person in `wish`; raises Refusal."""
        if not isinstance(wish, dict) or str(wish.get("person")) not in self._persons:
            raise Refusal("send a person that is known")
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._credentials[token] = Credential(str(wish["person"]))
        return {"credential": token}

    def used(self, person: str) -> Json:
        """The balance of a person, and what they used this year; raises Refusal."""
        with self._lock:
            if person not in self._persons:
                raise Refusal("send a person that is known")
            known = self._persons[person]
            used = known.used[_year()]
            return {"account_balance": known.balance, "deductible": used.deductible, "fund": used.fund}

    def settlements(self) -> list[Json]:
        """Every number and what became of it."""
        with self._lock:
            return [
                {"institution": institution, "settlement": number, "state": known.state, **(known.output or {})}
                for (institution, number), known in self._settlements.items()
            ]

    def _person(self, given: Json) -> Person:
        number = _text(given, "person")
        if number not in self._persons:
            raise Denied("person_unknown", "nobody has this number")
        return self._persons[number]

    def _spend(self, given: Json) -> None:
        credential = self._credentials.get(str(given.get("credential")))
        if credential is None:
            raise Denied("credential_unknown", "this credential was never issued")
        if credential.person != given["person"]:
            raise Denied("credential_of_other", "this credential is somebody else's")
        if credential.used:
            raise Denied("credential_used", "a credential is good for one settlement")
        credential.used = True


def _repeated(known: Settlement, content: Json) -> Json:
    if known.state == "reversed" or known.output is None:
        raise Denied("settlement_reversed", "this number was reversed and cannot settle")
    if known.content != content:
        raise Denied("settlement_conflict", "this number has settled something else")
    return known.output


def _bill(given: Json) -> tuple[str, list[Line]]:
    kind, lines = _text(given, "kind"), given.get("lines")
    _text(given, "subject")
    if kind not in KINDS or not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
        raise Denied("invalid_input", f"send kind ({' or '.join(KINDS)}) and 1 to {MOST_LINES} lines")
    parsed = [_line(line) for line in lines]
    if len({line.sequence for line in parsed}) < len(parsed):
        raise Denied("invalid_input", "each line has a sequence of its own")
    return kind, parsed


def _line(line: Any) -> Line:
    if not isinstance(line, dict) or not all(isinstance(line.get(name), str) for name in ("code", "category")):
        raise Denied("invalid_input", "a line has sequence, code, category and amount")
    sequence, amount = line.get("sequence"), line.get("amount")
    if type(sequence) is not int or type(amount) is not int or not 0 <= amount <= LARGEST:
        raise Denied("invalid_input", "sequence and amount are whole numbers, the amount in fen")
    return Line(sequence, line["category"], amount)


def _expected(given: Json) -> Any:
    expected = given.get("expected")
    if not isinstance(expected, dict) or set(expected) != {"fund", "account", "cash"}:
        raise Denied("invalid_input", "say what was expected: fund, account and cash")
    return expected


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Denied("invalid_input", f"send {name}")
    return value


def _now() -> datetime:
    return datetime.now(LOCAL)


def _year() -> int:
    """Benefit years are local calendar years."""
    return _now().year
