"""Erasing one's own account over HTTP."""

from flask import request
from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.residents.closing import queries
from app.residents.closing.schemas import ErasureIn, ErasureOut, ErasureTermsOut
from app.residents.closing.service import erasing
from app.residents.rules.access_words import LANGUAGES

blueprint = Blueprint("erasure", __name__, description="Residents have their account erased")


@endpoint(blueprint, "GET", "/me/erasure", permission="erasures.write", answer=ErasureTermsOut, partly_versioned=True)
def terms(call: Call) -> queries.ErasureTerms:
    """What would be kept, by which law and until when; what is in the way; whether it was asked for."""
    return queries.terms_for(call.person, request.accept_languages.best_match(LANGUAGES))


@endpoint(blueprint, "POST", "/me/erasure", permission="erasures.write", body=ErasureIn, answer=ErasureOut, status=202)
def ask(call: Call, body: dict[str, str]) -> erasing.SeenErasure:
    """Have one's account erased in seven days, unless one withdraws; who has a second factor has just proved it."""
    return erasing.ask(call.person, call.principal.sign_in, body["terms"], call.by, call.effect)


@endpoint(blueprint, "POST", "/me/erasure/withdrawal", permission="erasures.write", answer=ErasureOut)
def withdraw(call: Call) -> erasing.SeenErasure:
    """Keep one's account after all."""
    return erasing.withdraw(call.person, call.by, call.effect)
