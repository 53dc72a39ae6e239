"""The steps by which a person signs in, on the page of an app's request or before their own account: number, code or
password, second proof.

Each step is a form of its own, sent to the same address; what was shown before stands in it, a password never.
"""

from collections.abc import Callable

from flask import Response, current_app, g, request, session

from app.core.errors import Problem, Refused
from app.edge.client import client_address, preferred_language
from app.identity.devices.rules import browser_name
from app.identity.devices.service import Place
from app.identity.oidc.endpoints import forms, pages
from app.identity.oidc.service import browsers
from app.identity.oidc.service.grants import Consent
from app.identity.passkeys.names import RELYING_PARTY
from app.identity.passkeys.service import using
from app.identity.rules import StatedIdentity
from app.identity.schemas import LOCALES
from app.identity.service import codes
from app.identity.service.sign_in import SignedIn
from app.identity.service.sign_in_ways import Asked, Proofs, sign_in

BY_CODE, BY_PASSWORD, BY_NUMBER = "code", "password", "number"
NUMBER, SECOND_PROOF = "number", "second_proof_required"
EXPIRED = "form_expired"


class Steps:
    """The steps of one request of an app, or of nobody's; `onward` is where a person who is in goes on."""

    def __init__(self, consent: Consent | None, redirect_uri: str, onward: str = "") -> None:
        self.consent, self.redirect_uri, self.onward = consent, redirect_uri, onward

    def page(self, form: forms.PhoneForm, step: str, wrong: str = "", status: int = 200) -> Response:
        """The page of a step, and what went wrong before it."""
        return pages.page(
            "oidc/sign_in.html", status, leads_to=self.redirect_uri,
            passkeys="get" if step == forms.PHONE_STEP else "", form=form,
            step=step, wrong=wrong, consent=self.consent,
        )  # fmt: skip

    def number(self, step: str = forms.PHONE_STEP) -> Response:
        """Send a code and ask for it, or ask for a password; where no code goes out, `step` is taken again."""
        form = forms.PhoneForm()
        if not form.validate_on_submit():
            return self._faulty(form, forms.PHONE_STEP, NUMBER)
        if request.form.get("by") == BY_PASSWORD:
            return self.page(forms.filled(forms.PasswordForm, form), forms.PASSWORD_STEP)
        try:
            device = next(iter(pages.device_tokens()), None)
            codes.send_code(form.phone.data, client_address(), device, locale=_language())
        except Problem as problem:
            return self.page(forms.filled(forms.CodeForm, form), step, problem.code, problem.status)
        return self.page(forms.filled(forms.CodeForm, form), forms.CODE_STEP)

    def password(self) -> Response:
        """Take a password; or send a code after all, where that is wished."""
        if request.form.get("by") == BY_CODE:
            return self.number()
        form = forms.PasswordForm()
        if not form.validate_on_submit():
            return self._faulty(form, forms.PASSWORD_STEP, "proof_not_accepted")
        proofs = Proofs(password=form.password.data, second_factor=form.second_factor.data)
        return self._enter(form, forms.PASSWORD_STEP, proofs)

    def code(self) -> Response:
        """Take the code back; or send another, where that is wished."""
        if request.form.get("by") == BY_CODE:
            return self.number(forms.CODE_STEP)
        form = forms.CodeForm()
        if not form.validate_on_submit():
            return self._faulty(form, forms.CODE_STEP, "code_not_accepted")
        return self._enter(form, forms.CODE_STEP, Proofs(code=form.one_time_code.data))

    def proof(self) -> Response:
        """Take the code again, which is still good, and a second proof beside it; or send another code."""
        if request.form.get("by") == BY_CODE:
            return self.number(forms.CODE_STEP)
        form = forms.ProofForm()
        if not form.validate_on_submit():
            return self._faulty(form, forms.PROOF_STEP, "proof_not_accepted")
        stated = StatedIdentity(form.name.data, form.number_end.data) if form.name.data else None
        proofs = Proofs(form.one_time_code.data, form.password.data, form.second_factor.data, stated)
        return self._enter(form, forms.PROOF_STEP, proofs)

    def passkey(self) -> Response:
        """Take the passkey that the browser showed; who has none signs in by phone, on the same page."""
        form = forms.PasskeyForm()
        if not form.validate_on_submit():
            return self._by_phone(EXPIRED if forms.has_expired(form) else "passkey_not_accepted", 400)
        try:
            signed_in = using.sign_in(form.assertion.data, current_app.extensions[RELYING_PARTY], g.request_id)
        except Problem as problem:
            return self._by_phone(problem.code, problem.status)
        if isinstance(signed_in, Refused):
            return self._by_phone(signed_in.problem.code, signed_in.problem.status)
        return self._begun(signed_in)

    def _faulty(self, form: forms.PhoneForm, step: str, wrong: str) -> Response:
        """The same step, which is `wrong` unless the form has expired alone: the page has a token that holds."""
        return self.page(form, step, EXPIRED if forms.has_expired(form) else wrong, 400)

    def _by_phone(self, wrong: str, status: int) -> Response:
        return self.page(forms.PhoneForm(formdata=None), forms.PHONE_STEP, wrong, status)

    def _enter(self, form: forms.PhoneForm, step: str, proofs: Proofs) -> Response:
        """Let the person in who has shown enough."""
        place = Place(pages.device_tokens(), browser_name(request.headers.get("User-Agent", "")))
        try:
            signed_in = sign_in(Asked(form.phone.data, proofs, place, _language()), g.request_id)
        except Problem as problem:
            return self._again(form, step, problem)
        if isinstance(signed_in, Refused):
            return self._again(form, step, signed_in.problem)
        return self._begun(signed_in)

    def _begun(self, signed_in: SignedIn) -> Response:
        """The browser gets a fresh secret, and nothing of before is kept."""
        begun = browsers.begin(signed_in, g.request_id)
        browsers.end(pages.cookie(), g.request_id)
        session.clear()
        response = pages.see(self.onward)
        pages.keep(response, begun.secret)
        pages.keep_device(response, begun.device_token)
        return response

    def _again(self, form: forms.PhoneForm, step: str, problem: Problem) -> Response:
        """The same step with what is wrong; after a right code the step of the second proof."""
        if problem.code == SECOND_PROOF:
            return self.page(forms.filled(forms.ProofForm, form), forms.PROOF_STEP, status=problem.status)
        return self.page(forms.filled(type(form), form), step, problem.code, problem.status)


def _language() -> str | None:
    """Which language somebody wants of whom it is not known yet: as the app says (`ui_locales`, OpenID Connect Core,
    3.1.2.1), else their browser.
    """
    return preferred_language(LOCALES, *request.args.get("ui_locales", "").split())


STEPS: dict[str, Callable[[Steps], Response]] = {
    forms.PHONE_STEP: Steps.number,
    forms.PASSWORD_STEP: Steps.password,
    forms.CODE_STEP: Steps.code,
    forms.PROOF_STEP: Steps.proof,
    forms.PASSKEY_STEP: Steps.passkey,
}


def first(consent: Consent | None, redirect_uri: str) -> Response:
    """The page that asks for a number."""
    return Steps(consent, redirect_uri).page(forms.PhoneForm(), forms.PHONE_STEP)


def taken(consent: Consent | None, redirect_uri: str, onward: str) -> Response:
    """The answer to a step that somebody took; `onward` is where they go on once they are in. Who wants another number
    begins again.
    """
    if request.form.get("by") == BY_NUMBER:
        return Steps(consent, redirect_uri).page(forms.PhoneForm(formdata=None), forms.PHONE_STEP)
    return STEPS[request.form["step"]](Steps(consent, redirect_uri, onward))
