"""A resident's access log over HTTP."""

from typing import Any

from flask import request
from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.residents.access_queries import OwnAccess, access_log
from app.residents.access_schemas import AccessOut, AccessQuery
from app.residents.rules.access_words import LANGUAGES

blueprint = Blueprint("accesses", __name__, description="Who looked at a resident's data")


@endpoint(blueprint, "GET", "/me/access-log", permission="me.read", query=AccessQuery, answer=page_of(AccessOut))
def own(call: Call, query: dict[str, Any]) -> Page[OwnAccess]:
    """Who looked at the caller's data, newest first: the first look of each quarter of an hour by the same author for
    the same purpose, and every hook that carried the caller's data out.
    """
    return access_log(call.person, query, request.accept_languages.best_match(LANGUAGES))
