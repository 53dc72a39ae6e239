"""What every API request goes through: key, faults, effect or look, log, and sometimes no answer."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flask import Response, g, jsonify, request

from deploy.sandbox.gateway import params
from deploy.sandbox.gateway.errors import Broken, Refusal, TooMany, Unauthorized
from deploy.sandbox.gateway.faults import Subject
from deploy.sandbox.gateway.idempotency import Reply
from deploy.sandbox.gateway.intents import Call
from deploy.sandbox.gateway.parts import Parts
from deploy.sandbox.gateway.state import Account, Json, new_id

_NOBODY = Subject(None, {})


class Edge:
    """Runs the operations of the API for the request at hand."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def look(self, find: Callable[[Account, Json], Json]) -> Response:
        """Answer a read."""

        def work(call: Call) -> Reply:
            with self._parts.state.lock:
                body = dict(find(call.account, call.params))
            self._parts.faults.hold_back(g.subject)
            return Reply(200, body)

        return self._answer(work)

    def act(self, do: Callable[[Call], Json]) -> Response:
        """Answer an effect; it happens once per idempotency key."""

        def work(call: Call) -> Reply:
            return self._parts.calls.run(
                call.account,
                call.key,
                request.path,
                call.params,
                lambda: do(call),
                lambda: self._parts.faults.hold_back(g.subject),
            )

        return self._answer(work)

    def _answer(self, work: Callable[[Call], Reply]) -> Response:
        g.subject, g.params = _NOBODY, {}
        try:
            reply = work(self._call())
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        dropped = self._parts.faults.take("drop", g.subject)
        self._note(reply, dropped)
        if dropped:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return _rendered(reply)

    def _call(self) -> Call:
        account = self._account()
        g.params = params.decode((request.args if request.method == "GET" else request.form).items(multi=True))
        g.subject = self._subject(account, g.params)
        if self._parts.faults.take("http_429", g.subject):
            raise TooMany("Too many requests")
        if self._parts.faults.take("http_500", g.subject):
            raise Broken("Something broke")
        return Call(account, g.params, request.host_url.rstrip("/"), request.headers.get("Idempotency-Key"))

    def _account(self) -> Account:
        given = request.authorization
        key = (given.token or given.username or "") if given else ""
        account = self._parts.state.account_of_key(key)
        if account is None:
            raise Unauthorized("Invalid API key")
        return account

    def _subject(self, account: Account, wish: Json) -> Subject:
        """The intent that the request names, or else the metadata that it brings."""
        views = request.view_args or {}
        with self._parts.state.lock:
            refund = account.refunds.get(views.get("refund_id", ""), {})
            named = views.get("intent_id") or wish.get("payment_intent") or refund.get("payment_intent")
            intent = account.intents.get(str(named))
        return Subject.of(intent) if intent else Subject(None, params.metadata(wish))

    def _note(self, reply: Reply, dropped: bool) -> None:
        made = reply.body.get("id") if reply.body.get("object") == "payment_intent" else None
        self._parts.log.add(
            "request",
            intent=g.subject.intent or made,
            method=request.method,
            path=request.path,
            params=g.params,
            idempotency_key=request.headers.get("Idempotency-Key"),
            status=reply.status,
            replayed=reply.replayed,
            dropped=dropped,
        )


def _rendered(reply: Reply) -> Response:
    answer = jsonify(reply.body)
    answer.status_code = reply.status
    answer.headers["Request-Id"] = new_id("req")
    if reply.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    if reply.status == TooMany.status:
        answer.headers["Retry-After"] = "1"
    return answer
