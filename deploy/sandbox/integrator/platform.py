"""The platform as an integrator sees it: calls over HTTP, each safe to repeat."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import requests

SECONDS = 15
PAUSES = (0.1, 0.3, 1.0)
"""Seconds before each new try of a call that may succeed later."""
LONGEST_PAUSE = 10.0
IN_USE = "idempotency_key_in_use"
"""The platform is still busy with the first request of this key."""
Json = dict[str, Any]


class Refused(Exception):
    """The platform refused a call; the text has its code, its detail and each fault."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status

    @classmethod
    def of(cls, call: str, answer: requests.Response) -> Refused:
        """What `answer` (RFC 9457, or RFC 6749 section 5.2) says of `call`."""
        said = _said(answer)
        code = said.get("code") or said.get("error") or answer.status_code
        detail = said.get("detail") or said.get("error_description") or said.get("title") or answer.reason
        lines = [f"{call} was refused: {code}: {detail}", *map(str, said.get("errors", ()))]
        return cls("\n".join(lines), answer.status_code)


class Unavailable(Exception):
    """The platform could not be reached, or was busy at each try. Whether the call had its effect is not known.

    `seconds` is how long the platform asked to wait.
    """

    def __init__(self, text: str, seconds: float = 0.0) -> None:
        super().__init__(text)
        self.seconds = seconds


class Platform:
    """An API client's session with the platform, for one thread. All calls raise Refused and Unavailable."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url.rstrip("/")
        self.credentials = (client_id, client_secret)
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    def register_endpoint(self, url: str, types: list[str]) -> tuple[str, str]:
        """Register `url` for `types`; returns the endpoint's id and its signing secret."""
        made = self.call("POST", "/api/v1/webhook-endpoints", {"url": url, "types": types})
        endpoint_id = str(made["endpoint"]["id"])
        if not made.get("secret"):  # the first answer was lost, and a repeated one does not show the secret
            self.disable_endpoint(endpoint_id)
            return self.register_endpoint(url, types)
        return endpoint_id, str(made["secret"])

    def disable_endpoint(self, endpoint_id: str) -> None:
        """Let nothing more be sent there."""
        self.call("POST", f"/api/v1/webhook-endpoints/{endpoint_id}/disabling")

    def verify_endpoint(self, endpoint_id: str) -> None:
        """Ask the platform to send its challenge."""
        self.call("POST", f"/api/v1/webhook-endpoints/{endpoint_id}/verification", {})

    def pages(self, after: int = 0) -> Iterator[tuple[list[Json], int]]:
        """The feed after that number, oldest first: events, and the number to go on from."""
        while (page := self.call("GET", f"/api/v1/events?after={after}&limit=100"))["data"]:
            after = int(page["next_after"])
            yield page["data"], after

    def call(
        self, method: str, path: str, body: Json | None = None, *, key: str = "", version: int | None = None
    ) -> Json:
        """One call, tried again under the same key while it may succeed later.

        `key` names the effect, so that it happens once even over a restart; without one the call has a key of its own.
        `version` is the one that the caller has seen.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        for pause in PAUSES:
            try:
                return self._once(method, path, body, headers)
            except Unavailable as later:
                time.sleep(max(pause, later.seconds))
        return self._once(method, path, body, headers)

    def _once(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Json:
        try:
            answer = self._ask(method, path, body, headers)
        except requests.RequestException as error:
            raise Unavailable(f"{method} {path}: {type(error).__name__}") from error
        if _transient(answer):
            raise Unavailable(f"{method} {path}: {answer.status_code}", _retry_after(answer))
        return _parsed(f"{method} {path}", answer)

    def _ask(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> requests.Response:
        answer = self._send(method, path, body, headers)
        if answer.status_code == requests.codes.unauthorized:
            refused = self._sign_in()
            answer = refused if refused is not None else self._send(method, path, body, headers)
        return answer

    def _send(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> requests.Response:
        bearing = {**headers, "Authorization": f"Bearer {self.token}"}
        return self.session.request(method, self.url + path, json=body, headers=bearing, timeout=SECONDS)

    def _sign_in(self) -> requests.Response | None:
        """Fetch an access token (RFC 6749 section 4.4); the answer, where there was none in it."""
        form = {"grant_type": "client_credentials"}
        answer = self.session.post(f"{self.url}/oauth/token", data=form, auth=self.credentials, timeout=SECONDS)
        if not answer.ok:
            return answer
        self.token = answer.json()["access_token"]
        return None


def _transient(answer: requests.Response) -> bool:
    busy = answer.status_code == requests.codes.conflict and _said(answer).get("code") == IN_USE
    return busy or answer.status_code == requests.codes.too_many_requests or answer.status_code >= 500


def _retry_after(answer: requests.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdecimal() else 0.0


def _said(answer: requests.Response) -> Json:
    try:
        said = answer.json()
    except requests.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _parsed(call: str, answer: requests.Response) -> Json:
    if not answer.ok:
        asked_at = "POST /oauth/token" if answer.url.endswith("/oauth/token") else call
        raise Refused.of(asked_at, answer)
    return _said(answer)
