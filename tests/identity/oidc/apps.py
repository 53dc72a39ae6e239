"""An app as its developer writes it, and the browser of a person who uses it; both know the platform by HTTP alone."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import SYSTEM, run
from app.identity.oidc.names import ACTIVE
from app.identity.oidc.service import apps, codes
from app.identity.oidc.service.grants import Consent
from app.identity.service.sign_in import enter
from tenants.models import Profile
from tests.identity.conftest import Web
from tests.identity.phone import Phone
from tests.platform import new_tenant

BACK = "https://app.example.com/back"
AFTER = "https://app.example.com/bye"
SCOPES = ("openid", "profile", "phone", "offline_access", "appointments.read")
VERIFIER = "v" * 43


def organization(name: str = "仁和诊所 <b>") -> Scope:
    """A tenant that is open, and has a name."""
    scope = new_tenant()
    row = Profile(name=name, kind="clinic", state="active", version=1)
    run(scope, lambda opened: _opened(opened, row))
    return scope


def _opened(opened: Any, row: Profile) -> None:
    row.opened_at = opened.now
    opened.add(row)


def register(scope: Scope | None = None, method: str = "client_secret_basic", **more: Any) -> apps.Registered:
    """An app of an organization."""
    wish = {
        "name": "健康助手", "redirect_uris": [BACK], "post_logout_redirect_uris": [AFTER], "scopes": SCOPES,
        "auth_method": method, **more,
    }  # fmt: skip
    made = apps.register(scope or organization(), apps.Wish(**wish), SYSTEM)
    assert made.app.state == ACTIVE
    return made


@dataclass
class Developer:
    """An app with Authlib's own client inside."""

    web: Web
    made: apps.Registered
    auth_method: str = ""
    secret: Any = field(default=None, repr=False)

    @property
    def id(self) -> str:
        return str(self.made.app.public_id)

    def session(self, scope: Sequence[str] = SCOPES, **more: Any) -> OAuth2Session:
        """A client of Authlib's."""
        return OAuth2Session(
            self.id, self.secret or self.made.client_secret, scope=" ".join(scope), redirect_uri=BACK,
            token_endpoint_auth_method=self.auth_method or self.made.app.auth_method, code_challenge_method="S256",
            **more,
        )  # fmt: skip

    def address(self, session: OAuth2Session, **more: Any) -> str:
        """Where the app sends its person."""
        asked = {"code_verifier": VERIFIER, "nonce": secrets.token_hex(8), **more}
        return str(session.create_authorization_url(f"{self.web.url}/oauth/authorize", **asked)[0])

    def tokens(self, session: OAuth2Session, answer: str, **more: Any) -> Any:
        """The tokens for the answer that came back."""
        asked = {"code_verifier": VERIFIER, "timeout": 10, **more}
        return session.fetch_token(f"{self.web.url}/oauth/token", authorization_response=answer, **asked)


@dataclass
class Browser:
    """Somebody's browser: it follows this platform's own redirects, and stops where it would go to the app."""

    web: Web
    phone: Phone
    cookies: requests.Session = field(default_factory=requests.Session)

    def get(self, address: str) -> requests.Response:
        """Open an address."""
        return self._followed(self.cookies.get(address, allow_redirects=False, timeout=10))

    def submit(self, page: requests.Response, **typed: str) -> requests.Response:
        """Fill in the page's one form and send it."""
        hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text))
        hidden |= dict(re.findall(r'<input id="csrf_token" name="([^"]+)" type="hidden" value="([^"]*)"', page.text))
        sent = self.cookies.post(page.url, data={**hidden, **typed}, allow_redirects=False, timeout=10)
        return self._followed(sent)

    def sign_in(self, page: requests.Response) -> requests.Response:
        """Sign in by phone on the page."""
        asked = self.submit(page, phone=self.phone.number)
        assert asked.status_code == 200, asked.text
        return self.submit(asked, one_time_code=self.phone.code)

    def allow(self, address: str) -> str:
        """The whole way: sign in, consent, and the address of the app to which the answer goes."""
        answer = self.submit(self.sign_in(self.get(address)), decision="allow")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def _followed(self, answer: requests.Response) -> requests.Response:
        while answer.is_redirect and not answer.headers["Location"].startswith("https://app.example.com/"):
            location = answer.headers["Location"]
            assert location.startswith("/oauth/")
            answer = self.cookies.get(f"{self.web.url}{location}", allow_redirects=False, timeout=10)
        return answer


def told(address: str) -> dict[str, str]:
    """What the query of an address says, each once."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query, strict_parsing=True).items()}


@dataclass(frozen=True)
class Granted:
    """A code that a person gave an app, without the pages."""

    scope: Scope
    code: str = field(repr=False)


def grant(made: apps.Registered, scopes: Sequence[str] = SCOPES, person: Scope | None = None) -> Granted:
    """A person signs in for the first time, unless there is one, and allows the app that much."""
    scope = person or Scope.for_person(new_id())
    if person is None:
        enter(scope.require_person(), "+8613900000000", "en", "")
    app = apps.find(str(made.app.public_id))
    assert app
    asked = codes.Asked(BACK, create_s256_code_challenge(VERIFIER), "n-1")
    consent = Consent(app, "仁和诊所", sorted(scopes))
    return Granted(scope, codes.give(scope, consent, asked, datetime.now(UTC), ""))


def post(developer: Developer, path: str = "token", **form: str) -> requests.Response:
    """A request of a confidential app, as raw as it can be."""
    auth = (developer.id, developer.made.client_secret or "")
    return requests.post(f"{developer.web.url}/oauth/{path}", data=form, auth=auth, timeout=10)


def redeem(developer: Developer, code: str, **more: str) -> requests.Response:
    """Exchange a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **more}
    return post(developer, **form)


def refresh(developer: Developer, token: str, **more: str) -> requests.Response:
    """Exchange a refresh token."""
    return post(developer, grant_type="refresh_token", refresh_token=token, **more)


def tokens_of(developer: Developer, scopes: Sequence[str] = SCOPES) -> dict[str, str]:
    """Fresh tokens of somebody."""
    answer = redeem(developer, grant(developer.made, scopes).code)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def error(answer: requests.Response, status: int = 400) -> str:
    """The code of an error as RFC 6749, 5.2 writes it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["error"])
