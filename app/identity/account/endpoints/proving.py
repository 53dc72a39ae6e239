"""Where somebody signs in to their account's pages, and where they prove that it is still they."""

from flask import Response, request

from app.core.access import PUBLIC
from app.core.errors import Problem, Refused
from app.edge.permissions import declare
from app.identity.account.endpoints.blueprint import blueprint
from app.identity.account.endpoints.entrance import Owner, hang, room, target
from app.identity.account.endpoints.keys import party
from app.identity.account.endpoints.reading import ANSWER, EVERYTHING, answer, read
from app.identity.factors import proving
from app.identity.factors.schemas import SecondFactorIn
from app.identity.oidc.endpoints import entering, pages
from app.identity.passkeys.names import ACTIVE
from app.identity.passkeys.service import asking, owning, using


def sign_in() -> Response:
    """Sign in, whoever has signed in here before; then go on to the page that was wished."""
    if request.form.get("step") in entering.STEPS:
        return entering.taken(None, "", target())
    return entering.first(None, "")


def _proof(owner: Owner, problem: Problem | None) -> Response:
    has_passkey = any(row.state == ACTIVE for row in owning.listed(owner.scope, EVERYTHING).data)
    return room("proof.html", owner, problem, has_passkey=has_passkey)


def _by_code(owner: Owner) -> Response | Refused:
    proved = proving.prove(owner.sign_in, read(SecondFactorIn, "code")["code"], owner.by, owner.scope)
    return proved if isinstance(proved, Refused) else pages.see(target())


def _ask(owner: Owner) -> Response:
    """The page on which the browser shows a passkey."""
    asked = asking.to_prove(owner.sign_in, owner.by, None, owner.scope, party())
    return room("show_passkey.html", owner, None, passkeys="get", options=asked.options, into=ANSWER)


def _by_passkey(owner: Owner) -> Response | Refused:
    shown = read(SecondFactorIn, passkey=answer())["passkey"]
    proved = using.prove(shown, owner.sign_in, owner.by, owner.scope, party())
    return proved if isinstance(proved, Refused) else pages.see(target())


blueprint.route("/sign-in", methods=["GET", "POST"])(declare(sign_in, PUBLIC))
hang("proof", _proof, {"code": _by_code, "ask": _ask, "show": _by_passkey})
