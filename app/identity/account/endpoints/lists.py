"""What an owner looks through: the account itself, devices and sign-ins, apps, notices."""

from flask import Response, g

from app.core.errors import Problem
from app.core.unit import database
from app.identity.account.endpoints.entrance import Owner, hang, named, room
from app.identity.account.endpoints.reading import EVERYTHING, page_query, read
from app.identity.connectors.sms_texts import notice_texts
from app.identity.credentials import TOKEN
from app.identity.devices import service as devices
from app.identity.devices.rules import DEVICE_ID
from app.identity.devices.service import subject as device_id
from app.identity.notices.listing import listed as notices
from app.identity.oidc import queries
from app.identity.oidc.endpoints import pages
from app.identity.oidc.names import ACTIVE, GRANT
from app.identity.oidc.scopes import SCOPES
from app.identity.oidc.service import browsers, grants
from app.identity.passkeys.rules import masked
from app.identity.queries import sign_ins
from app.identity.schemas import MeIn
from app.identity.service import languages
from app.identity.service.sign_in import read_me
from app.identity.service.sign_ins import SignIn, end


def _overview(owner: Owner, problem: Problem | None) -> Response:
    me = read_me(owner.scope)
    latest = notices(owner.scope, {"limit": 3, "cursor": ""}).data
    return room(
        "overview.html", owner, problem, phone=masked(me.phone) if me.phone else None, latest=latest,
        texts=notice_texts, locale=me.locale,
    )  # fmt: skip


def _speak(owner: Owner) -> None:
    languages.choose(owner.scope, read(MeIn, "locale")["locale"], None, owner.by, None)


def _leave(owner: Owner) -> Response:
    browsers.end(pages.cookie(), g.request_id)
    response = pages.page("oidc/leave.html", done=True)
    pages.keep(response, "")
    return response


def _devices(owner: Owner, problem: Problem | None) -> Response:
    known = devices.listed(owner.scope, owner.sign_in, EVERYTHING).data
    names = {str(device_id(one.row)): one.row.name for one in known}
    found = sign_ins(owner.scope, owner.sign_in, page_query())
    now = database().clock.now()

    def holds(one: SignIn) -> bool:
        return one.ended_at is None and one.expires_at > now

    return room(
        "devices.html", owner, problem, devices=known, device_id=device_id, names_of=names, sign_ins=found, holds=holds
    )


def _forget(owner: Owner) -> None:
    devices.forget(named(DEVICE_ID, owner), owner.sign_in, owner.by, None)


def _end(owner: Owner) -> None:
    end(named(TOKEN, owner), owner.sign_in, owner.by)


def _apps(owner: Owner, problem: Problem | None) -> Response:
    found = queries.grants(owner.scope, page_query())
    return room("apps.html", owner, problem, grants=found, grant_id=grants.public_id, meanings=SCOPES, active=ACTIVE)


def _withdraw(owner: Owner) -> None:
    grants.end(named(GRANT, owner), owner.by)


def _notices(owner: Owner, problem: Problem | None) -> Response:
    return room("notices.html", owner, problem, notices=notices(owner.scope, page_query()), texts=notice_texts)


hang("overview", _overview, {"leave": _leave, "speak": _speak})
hang("devices", _devices, {"forget": _forget, "end": _end})
hang("apps", _apps, {"withdraw": _withdraw})
hang("notices", _notices, {})
