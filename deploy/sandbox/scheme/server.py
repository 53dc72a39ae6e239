"""The scheme's HTTP side: signatures, the dial, one function for each message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from deploy.sandbox.dial import Dial
from deploy.sandbox.scheme.messages import Denied, Scheme
from deploy.sandbox.scheme.signing import holds, signed
from deploy.sandbox.server import Answer, Json, Refusal, Request, Server

MESSAGES = ("1101", "2206", "2207", "2208", "5203")


class Desk:
    """A scheme that institutions and the people's side reach over HTTP."""

    def __init__(self) -> None:
        self._scheme = Scheme()
        self._keys: dict[str, str] = {}
        self._dials = {infno: _new_dial() for infno in MESSAGES}
        self._heard = dict.fromkeys(MESSAGES, 0)

    def listen(self, host: str, port: int) -> Server:
        """The scheme, bound."""
        scheme = self._scheme
        routes = {
            ("POST", "/scheme"): self._message,
            ("POST", "/_sandbox/institutions"): self._admit,
            ("POST", "/_sandbox/faults"): self._faults,
            ("POST", "/_sandbox/persons"): lambda request: Answer.of(200, scheme.enrol(request.json())),
            ("GET", "/_sandbox/persons"): lambda r: Answer.of(200, scheme.used(r.query.get("person", ""))),
            ("POST", "/_sandbox/credentials"): lambda request: Answer.of(200, scheme.issue(request.json())),
            ("GET", "/_sandbox/messages"): lambda _: Answer.of(200, {"heard": self._heard}),
            ("GET", "/_sandbox/settlements"): lambda _: Answer.of(200, {"settlements": scheme.settlements()}),
        }
        return Server(host, port, routes)

    def _message(self, request: Request) -> Answer | None:
        institution = request.headers.get("x-institution", "")
        key = self._keys.get(institution)
        if key is None or not holds(key, request.headers, request.body):
            return Answer.of(401, {"error": "the signature does not hold"})
        try:
            output = self._effect(institution, *_parsed(request.body))
        except Denied as denied:
            said: Json = {"infcode": -1, "err_code": denied.code, "err_msg": str(denied)}
        else:
            if output is None:
                return None
            said = {"infcode": 0, "output": output}
        body = json.dumps(said).encode()
        return Answer(200, body, signed(key, body))

    def _effect(self, institution: str, infno: str, given: Json) -> Json | None:
        """What the message brings about; None where the dial takes the answer away."""
        dial = self._dials[infno]
        self._heard[infno] += 1
        dial.hold_back()
        if dial.take("drop_before"):
            return None
        output = self._act(institution, infno)(given)
        return None if dial.take("drop_after") else output

    def _act(self, institution: str, infno: str) -> Callable[[Json], Json]:
        scheme = self._scheme
        return {
            "1101": scheme.person,
            "2206": scheme.trial,
            "2207": lambda given: scheme.settle(
                institution, given, changed=self._dials[infno].take("split_changed")
            ),
            "2208": lambda given: scheme.reverse(institution, given),
            "5203": lambda given: scheme.query(institution, given),
        }[infno]  # fmt: skip

    def _admit(self, request: Request) -> Answer:
        wish = request.json()
        if not isinstance(wish, dict) or not all(isinstance(wish.get(name), str) for name in ("institution", "key")):
            raise Refusal("send institution and key")
        self._keys[wish["institution"]] = wish["key"]
        return Answer.of(200, {"institution": wish["institution"]})

    def _faults(self, request: Request) -> Answer:
        wish = request.json()
        if not isinstance(wish, dict) or wish.get("infno", MESSAGES[0]) not in MESSAGES:
            raise Refusal(f"an infno is one of {', '.join(MESSAGES)}")
        settings = {name: value for name, value in wish.items() if name != "infno"}
        dials = {infno: _new_dial() for infno in MESSAGES}
        for infno in [wish["infno"]] if "infno" in wish else MESSAGES:
            dials[infno].set(settings)
        former, self._dials = self._dials, dials
        for dial in former.values():  # what they hold back is free
            dial.set({})
        return Answer.of(200, {"status": "set"})


def _new_dial() -> Dial:
    return Dial("drop_before", "drop_after", "split_changed")


def _parsed(body: bytes) -> tuple[str, Json]:
    """Number and input of a message; raises Denied."""
    try:
        message: Any = json.loads(body)
    except ValueError:
        raise Denied("invalid_input", "send JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("input"), dict) or not message.get("msgid"):
        raise Denied("invalid_input", "send infno, msgid and input")
    if message.get("infno") not in MESSAGES:
        raise Denied("message_unknown", f"the messages are {', '.join(MESSAGES)}")
    return message["infno"], message["input"]
