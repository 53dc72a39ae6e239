"""Who enters an account's page: whoever has signed in in the browser that asks, and nobody else.

Each page is one address. It is read by GET; what is done on it is sent there as a form that names its act in `do`. What
asks for a fresh proof leads to where one is given, and back.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Response, g, request, url_for
from flask_wtf import FlaskForm
from wtforms import HiddenField

from app.core.access import PUBLIC
from app.core.errors import Malformed, Problem, Refused, SecondFactorRequired
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller
from app.edge.paths import own_id
from app.edge.permissions import declare
from app.identity.account.endpoints.blueprint import blueprint
from app.identity.account.words import NAMES, moment, wrong_of
from app.identity.errors import FreshSignInRequired
from app.identity.factors.freshness import refuse_absent
from app.identity.oidc.endpoints import forms, pages
from app.identity.service.tokens import person_actor


class Standing(StrEnum):
    """Whether an owner may change what protects their account now, or what they do before."""

    READY = "ready"
    PROVE = "prove"
    SIGN_IN = "sign_in"


@dataclass(frozen=True)
class Owner:
    """Who has signed in in the browser that asks."""

    scope: Scope
    sign_in: uuid.UUID
    by: Caller

    @property
    def standing(self) -> Standing:
        """As the API would answer them."""
        try:
            refuse_absent(self.scope.require_person(), self.sign_in)
        except SecondFactorRequired:
            return Standing.PROVE
        except FreshSignInRequired:
            return Standing.SIGN_IN
        return Standing.READY


class ActForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    """What shall be done; it carries a token against forged requests, bound to the browser's own cookie."""

    do = HiddenField()


Show = Callable[[Owner, Problem | None], Response]
"""Answers with the page, and with what is wrong with what was done on it."""
Act = Callable[[Owner], Response | Refused | None]
"""Does what a form asks for. None: it is done, and the page is read again."""


def hang(name: str, show: Show, acts: Mapping[str, Act]) -> None:
    """Hang the page `name`, with what can be done on it."""

    def view() -> Response:
        owner = _owner()
        if owner is None:
            return pages.see(url_for("account.sign_in", to=name))
        return _done(owner, name, show, acts) if request.method == "POST" else show(owner, None)

    path = "" if name == NAMES[0] else f"/{name}"
    blueprint.route(path, methods=["GET", "POST"] if acts else ["GET"], endpoint=name)(declare(view, PUBLIC))


def room(template: str, owner: Owner, problem: Problem | None, *, passkeys: str = "", **values: Any) -> Response:
    """A page of the account; `passkeys` says what of them its script asks for."""
    name = (request.endpoint or "").partition(".")[2]
    wrong = wrong_of(problem, name) if problem else None
    return pages.page(
        f"account/{template}", problem.status if problem else 200, passkeys=passkeys, name_of_page=name, names=NAMES,
        moment=moment, wrong=wrong, form=ActForm(formdata=None), prove=_way_to_prove(owner, name), **values,
    )  # fmt: skip


def named(prefix: str, owner: Owner) -> PublicId:
    """The thing of the owner's that the form names; raises NotFound."""
    return own_id(request.form.get("id", ""), prefix, owner.scope)


def target() -> str:
    """The page to which somebody goes on: one of the account's, whatever the address says."""
    to = request.args.get("to", "")
    return url_for(f"account.{to if to in NAMES else NAMES[0]}")


def _owner() -> Owner | None:
    browser = pages.browser()
    if browser is None:
        return None
    return Owner(browser.scope, browser.sign_in, Caller(person_actor(browser.scope), g.request_id))


def _done(owner: Owner, name: str, show: Show, acts: Mapping[str, Act]) -> Response:
    """What became of a form; one that the page did not make, made for another browser or long ago, does nothing."""
    here = url_for(f"account.{name}", to=request.args.get("to"))
    form = ActForm()
    fits = form.validate_on_submit()
    if forms.has_expired(form):
        return show(owner, Malformed(code="form_expired"))
    if not fits or form.do.data not in acts:
        return pages.see(here)
    try:
        return _outcome(owner, show, acts[form.do.data]) or pages.see(here)
    except (SecondFactorRequired, FreshSignInRequired):
        return pages.see(_way_to_prove(owner, name) or here)


def _outcome(owner: Owner, show: Show, act: Act) -> Response | None:
    """What an act answers with; None: it is done."""
    try:
        outcome = act(owner)
    except (SecondFactorRequired, FreshSignInRequired):
        raise
    except Problem as problem:
        return show(owner, problem)
    if isinstance(outcome, Refused):
        return show(owner, outcome.problem)
    return outcome


def _way_to_prove(owner: Owner, name: str) -> str:
    """Where the owner shows that it is they, before they change anything on the page `name`; empty: they just did."""
    standing = owner.standing
    if standing is Standing.READY:
        return ""
    return url_for("account.proof" if standing is Standing.PROVE else "account.sign_in", to=name)
