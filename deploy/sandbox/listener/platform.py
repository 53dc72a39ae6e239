"""The platform as an integrator sees it: three calls over HTTP, each safe to repeat."""

import uuid
from typing import Any

import requests

SECONDS = 15


class Platform:
    """An API client's session with the platform; a token that ran out is replaced once per call."""

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

    def events(self, after: int) -> dict[str, Any]:
        """The feed's events after number `after`."""
        return self.call("GET", f"/api/v1/events?after={after}&limit=100")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call; an effect carries a key of its own, so that it can be repeated after a lost answer."""
        key = str(uuid.uuid4())
        answer = self._ask(method, path, body, key)
        if answer.status_code == requests.codes.unauthorized:
            self.sign_in()
            answer = self._ask(method, path, body, key)
        answer.raise_for_status()
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
        answer.raise_for_status()
        self.token = answer.json()["access_token"]
