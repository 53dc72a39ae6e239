"""The platform as an integrator sees it: three calls over HTTP, each safe to repeat."""

import uuid
from collections.abc import Iterator
from typing import Any

import requests

SECONDS = 15


class Refused(Exception):
    """The platform refused a call; the text has its code, its detail and each fault."""

    @classmethod
    def of(cls, call: str, answer: requests.Response) -> "Refused":
        """What `answer` (RFC 9457, or RFC 6749 section 5.2) says of `call`."""
        try:
            said = answer.json()
        except requests.JSONDecodeError:
            said = {}
        code = said.get("code") or said.get("error") or answer.status_code
        detail = said.get("detail") or said.get("error_description") or said.get("title") or answer.reason
        return cls("\n".join([f"{call} was refused: {code}: {detail}", *map(str, said.get("errors", ()))]))


class Platform:
    """An API client's session with the platform; a token that ran out is replaced once per call. All raise Refused."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url.rstrip("/")
        self.credentials = (client_id, client_secret)
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    def register_endpoint(self, url: str, types: list[str]) -> tuple[str, str]:
        """Register `url` for `types`; returns the endpoint's id and its signing secret."""
        made = self.call("POST", "/api/v1/webhook-endpoints", {"url": url, "types": types})
        return str(made["endpoint"]["id"]), str(made["secret"])

    def verify_endpoint(self, endpoint_id: str) -> None:
        """Ask the platform to send its challenge."""
        self.call("POST", f"/api/v1/webhook-endpoints/{endpoint_id}/verification", {})

    def events(self) -> Iterator[dict[str, Any]]:
        """Every event of the feed, oldest first."""
        after = 0
        while (page := self.call("GET", f"/api/v1/events?after={after}&limit=100"))["data"]:
            yield from page["data"]
            after = page["next_after"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call; an effect carries a key of its own, so that it can be repeated after a lost answer."""
        key = str(uuid.uuid4())
        answer = self._ask(method, path, body, key)
        if answer.status_code == requests.codes.unauthorized:
            self.sign_in()
            answer = self._ask(method, path, body, key)
        if not answer.ok:
            raise Refused.of(f"{method} {path}", answer)
        parsed: dict[str, Any] = answer.json()
        return parsed

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, key: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        return self.session.request(method, self.url + path, json=body, headers=headers, timeout=SECONDS)

    def sign_in(self) -> None:
        """Fetch an access token (RFC 6749 section 4.4)."""
        answer = self.session.post(
            f"{self.url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=self.credentials,
            timeout=SECONDS,
        )
        if not answer.ok:
            raise Refused.of("POST /oauth/token", answer)
        self.token = answer.json()["access_token"]
