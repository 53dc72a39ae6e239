"""Somebody's browser on the pages of their own account: it reads pages as browsers do, and sends their forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.ids import PublicId
from app.identity.oidc.service.browsers import begin
from app.identity.service.sign_in import SignedIn
from tests.identity.accounts.owners import Owner

COOKIE = "cloud_hospital_browser"
SPOKEN = ("text", "password", "tel")
"""Kinds of fields that somebody fills in, so that each has a label."""


class Reader(HTMLParser):
    """The forms of a page, and everything that a test asks of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.spoken: list[str] = []
        self.asked: dict[str, str] = {}
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, found: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in found}
        if tag == "form":
            self.forms.append({})
        elif tag == "label":
            self.labelled.add(named["for"])
        elif tag == "a":
            self.links.append(named["href"])
        elif tag == "input":
            self.forms[-1][named["name"]] = named.get("value", "")
            if named["type"] in SPOKEN:
                self.spoken.append(named.get("id", ""))
        self.asked |= {name: value for name, value in named.items() if name in ("data-make", "data-show")}


@dataclass
class Browser:
    """A browser, in which an owner has signed in or nobody."""

    app: Flask
    web: FlaskClient = field(init=False)
    page: TestResponse = field(init=False)

    def __post_init__(self) -> None:
        self.web = FlaskClient(self.app, self.app.response_class)

    @classmethod
    def of(cls, owner: Owner) -> "Browser":
        """The browser of somebody whose present sign-in was made in it."""
        made, scope = cls(owner.app), owner.scope
        secret = begin(SignedIn(owner.token, PublicId("per", scope, scope.require_person()), False), "").secret
        made.web.set_cookie(COOKIE, secret)
        return made

    @property
    def read(self) -> Reader:
        """What the page holds."""
        return Reader(self.page.text)

    def get(self, name: str = "", **query: str) -> "Browser":
        """Open a page, wherever that leads."""
        path = f"/account/{name}" if name else "/account"
        return self._kept(self.web.get(path, query_string=query, follow_redirects=True, buffered=True))

    def act(self, do: str, thing: str = "", **typed: Any) -> "Browser":
        """Fill in the form of the page that does `do` (to `thing`), and send it, wherever that leads."""
        doing = [one for one in self.read.forms if one.get("do") == do]
        assert doing, self.page.text
        form = next(one for one in doing if thing in ("", one.get("id")))
        return self.send({**form, **typed})

    def send(self, fields: dict[str, str]) -> "Browser":
        """Send a form to the address of the page."""
        return self._kept(self.web.post(self.place, data=fields, follow_redirects=True))

    @property
    def place(self) -> str:
        """Where the browser is."""
        return self.page.request.full_path.rstrip("?")

    def says(self, words: str) -> bool:
        """Whether the page says that."""
        return words in self.page.text

    def _kept(self, page: TestResponse) -> "Browser":
        self.page = page
        return self
