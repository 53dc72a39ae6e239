"""The second factor of the demonstration's staff: an authenticator app, and proving the sign-in with what it shows."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
import requests

from deploy.demo.steps import expect

STEP = 30
"""Seconds for which an app shows one code."""
SECONDS = 15
LATELY = 60
"""Seconds for which somebody at another desk of the same person need not prove it again."""
ASKED = "second_factor_required"


@dataclass
class Proving:
    """An app, and the person's own sign-in, which it proves for those as staff too."""

    me: str
    """Where the platform's API of one's own things begins."""
    token: str = field(repr=False)
    secret: str = field(repr=False)
    step: int = 0
    """That of the last code that was shown: each is good once."""
    proved: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def uri(self) -> str:
        """What another app reads the secret from."""
        return pyotp.TOTP(self.secret, name="demo").provisioning_uri()

    def asked_for(self, answer: requests.Response) -> bool:
        """Whether a request was refused until a second factor is proved."""
        return bool(answer.status_code == requests.codes.forbidden and answer.json()["code"] == ASKED)

    def prove(self, session: requests.Session) -> None:
        """Prove it with the next code, unless that was done at another desk meanwhile."""
        with self.lock:
            if self.proved and time.monotonic() - self.proved < LATELY:
                return
            headers = {"Authorization": f"Bearer {self.token}"}
            body = {"code": self.next_code()}
            answer = session.post(f"{self.me}/second-factor", json=body, headers=headers, timeout=SECONDS)
            expect(answer.ok, f"the second factor was refused: {answer.text[:300]}")
            self.proved = time.monotonic()

    def next_code(self) -> str:
        """A code that was not shown before; waits for it where need be, at most half a minute."""
        while int(time.time()) // STEP <= self.step:
            time.sleep(0.2)
        self.step = int(time.time()) // STEP
        return str(pyotp.TOTP(self.secret).generate_otp(self.step))

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the lock: it stays in its process."""
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """With a lock of its own."""
        self.__dict__.update(state, lock=threading.Lock())
