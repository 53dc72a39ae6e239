"""The token endpoint and what stands beside it: codes and refresh tokens are used once, and end together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from app.core.errors import Unauthenticated
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import SYSTEM, run, unit
from app.identity.api import authenticate
from app.identity.oidc.names import APP
from app.identity.oidc.rules import ACCESS_LIFE, CODE_LIFE, KEPT, REFRESH_LIFE
from app.identity.oidc.service import apps, codes, grants, tokens
from app.identity.oidc.timers import TIMERS
from tenants.models import Profile
from tests.identity.conftest import Clock, Web
from tests.identity.oidc.apps import (
    BACK,
    VERIFIER,
    Developer,
    error,
    grant,
    post,
    redeem,
    refresh,
    register,
    tokens_of,
)
from tests.platform import Platform


def is_good(token: str) -> bool:
    try:
        authenticate(token)
    except Unauthenticated:
        return False
    return True


def find(made: apps.Registered) -> apps.App:
    found = apps.find(str(made.app.public_id))
    assert found
    return found


def test_a_code_twice_ends_what_came_of_it(developer: Developer) -> None:
    code = grant(developer.made).code
    first = redeem(developer, code).json()
    assert is_good(first["access_token"])
    assert error(redeem(developer, code)) == "invalid_grant"
    assert not is_good(first["access_token"])
    assert error(refresh(developer, first["refresh_token"])) == "invalid_grant"


def test_somebody_elses_guess_ends_nothing(developer: Developer) -> None:
    code = grant(developer.made).code
    first = redeem(developer, code).json()
    assert error(redeem(developer, code.partition(".")[0] + ".guess")) == "invalid_grant"
    assert is_good(first["access_token"])


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": f"{BACK}/"}, {"code_verifier": "short"}]
)
def test_whatever_is_wrong_the_code_is_gone(developer: Developer, wrong: dict[str, str]) -> None:
    code = grant(developer.made).code
    assert error(redeem(developer, code, **wrong)) in ("invalid_grant", "invalid_request")
    assert error(redeem(developer, code)) == "invalid_grant"


def test_no_verifier(developer: Developer) -> None:
    form = {"grant_type": "authorization_code", "code": grant(developer.made).code, "redirect_uri": BACK}
    assert error(post(developer, **form)) == "invalid_request"


def test_another_apps_code_stays_theirs(developer: Developer, web: Web) -> None:
    other, code = Developer(web, register()), grant(developer.made).code
    assert error(redeem(other, code)) == "invalid_grant"
    assert redeem(developer, code).status_code == 200


@pytest.mark.parametrize("code", ["", "x", "acd_0.x", "é", "acd_" + "0" * 60 + ".x"])
def test_no_code(developer: Developer, code: str) -> None:
    assert error(redeem(developer, code)) == "invalid_grant"


def test_a_public_app_proves_itself_by_the_verifier(web: Web) -> None:
    developer = Developer(web, register(method="none"))
    form = {"grant_type": "authorization_code", "code": grant(developer.made).code, "redirect_uri": BACK}
    asked = {**form, "client_id": developer.id, "code_verifier": VERIFIER}
    assert requests.post(f"{web.url}/oauth/token", data=asked, timeout=10).status_code == 200


def test_a_confidential_app_needs_its_secret(developer: Developer) -> None:
    form = {"grant_type": "authorization_code", "code": grant(developer.made).code, "redirect_uri": BACK}
    asked = {**form, "client_id": developer.id, "code_verifier": VERIFIER}
    answer = requests.post(f"{developer.web.url}/oauth/token", data=asked, timeout=10)
    assert error(answer, 401) == "invalid_client"
    asked["client_secret"] = str(developer.made.client_secret)
    assert error(requests.post(f"{developer.web.url}/oauth/token", data=asked, timeout=10), 401) == "invalid_client"


def test_a_refresh_token_twice_ends_the_family(developer: Developer) -> None:
    first = tokens_of(developer)
    second = refresh(developer, first["refresh_token"]).json()
    assert is_good(second["access_token"])
    assert error(refresh(developer, first["refresh_token"])) == "invalid_grant"
    assert not is_good(second["access_token"])
    assert error(refresh(developer, second["refresh_token"])) == "invalid_grant"


def test_of_two_at_once_one_is_given_and_none_stays_good(platform: Platform) -> None:
    made = register()
    granted, app, start = grant(made), find(made), Barrier(6)
    code = codes.redeem(granted.code, app, "")
    assert code
    first = tokens.issue(granted.scope, code.family_id, app, "")
    assert first and first.refresh

    def one(text: str) -> tokens.Issued | None:
        start.wait(10)
        return tokens.exchange(text, app, (), "")

    with ThreadPoolExecutor(6) as threads:
        got = [issued for issued in threads.map(one, [first.refresh] * 6) if issued]
    assert len(got) == 1
    assert not is_good(got[0].access)
    assert got[0].refresh and tokens.exchange(got[0].refresh, app, (), "") is None


def test_of_two_codes_at_once_one_is_given(platform: Platform) -> None:
    made = register()
    granted, app, start = grant(made), find(made), Barrier(6)

    def one(text: str) -> codes.Redeemed | None:
        start.wait(10)
        return codes.redeem(text, app, "")

    with ThreadPoolExecutor(6) as threads:
        got = [code for code in threads.map(one, [granted.code] * 6) if code]
    assert len(got) == 1
    assert tokens.issue(granted.scope, got[0].family_id, app, "") is None, "a replay was seen before"


def test_a_refresh_narrows_and_never_widens(developer: Developer) -> None:
    first = tokens_of(developer)
    less = refresh(developer, first["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    assert authenticate(less["access_token"]).permissions == frozenset()
    assert error(refresh(developer, less["refresh_token"], scope="openid bills.read")) == "invalid_scope"
    assert "appointments.read" in refresh(developer, less["refresh_token"]).json()["scope"]


def test_times(platform: Platform, clock: Clock) -> None:
    made = register()
    app = find(made)
    late = grant(made)
    clock.forward(seconds=CODE_LIFE.total_seconds() + 1)
    assert codes.redeem(late.code, app, "") is None
    granted = grant(made)
    code = codes.redeem(granted.code, app, "")
    assert code
    issued = tokens.issue(granted.scope, code.family_id, app, "")
    assert issued and issued.refresh
    clock.forward(seconds=ACCESS_LIFE.total_seconds())
    assert not is_good(issued.access)
    clock.forward(seconds=(REFRESH_LIFE - ACCESS_LIFE).total_seconds())
    assert tokens.exchange(issued.refresh, app, (), "") is None
    assert tokens.granted(issued.refresh, app)
    clock.forward(seconds=KEPT.total_seconds())
    assert [timer.task(granted.scope) for timer in TIMERS] == [2]
    assert tokens.granted(issued.refresh, app) is None


def test_only_ones_own_tokens_are_known(developer: Developer, web: Web) -> None:
    mine, other = tokens_of(developer), Developer(web, register())
    for text in (mine["access_token"], mine["refresh_token"]):
        assert post(developer, "introspect", token=text, token_type_hint="pat").json()["active"] is True
        assert post(other, "introspect", token=text).json() == {"active": False}
        assert post(other, "revoke", token=text).status_code == 200
    assert is_good(mine["access_token"])
    assert post(developer, "revoke", token=mine["access_token"]).status_code == 200
    assert not is_good(mine["access_token"])
    assert refresh(developer, mine["refresh_token"]).status_code == 200
    assert post(developer, "introspect", token="x").json() == {"active": False}
    assert error(post(developer, "introspect")) == "invalid_request"
    assert error(requests.post(f"{web.url}/oauth/introspect", data={"token": "x"}, timeout=10), 401) == "invalid_client"


def test_userinfo_asks_for_an_access_token_with_openid(developer: Developer) -> None:
    both = tokens_of(developer)
    for text, status in (
        (both["access_token"], 200),
        (both["refresh_token"], 401),
        ("x", 401),
        (tokens_of(developer, ["appointments.read"])["access_token"], 403),
    ):
        headers = {"Authorization": f"Bearer {text}"}
        answer = requests.get(f"{developer.web.url}/oauth/userinfo", headers=headers, timeout=10)
        assert answer.status_code == status
        assert status == 200 or "error=" in answer.headers["WWW-Authenticate"]


def test_an_app_reaches_what_was_allowed_and_nothing_else(developer: Developer) -> None:
    headers = {"Authorization": f"Bearer {tokens_of(developer)['access_token']}"}
    for path, status in (("/appointments/apt_0", 404), ("/bills/x", 403), ("/me", 403), ("/me/app-grants", 403)):
        assert requests.get(f"{developer.web.api}{path}", headers=headers, timeout=10).status_code == status


def test_what_is_withdrawn_is_dead_at_once(platform: Platform) -> None:
    for end in (_withdraw, _revoke_app, _suspend):
        made = register()
        granted, app = grant(made), find(made)
        code = codes.redeem(granted.code, app, "")
        assert code
        issued = tokens.issue(granted.scope, code.family_id, app, "")
        pending = codes.redeem(grant(made, person=granted.scope).code, app, "")
        assert issued and pending and is_good(issued.access)
        end(granted.scope, made)
        assert not is_good(issued.access)
        if end is _withdraw:
            assert tokens.exchange(issued.refresh or "", app, (), "") is None
            assert tokens.issue(granted.scope, pending.family_id, app, "") is None
        else:
            assert apps.find(str(app.id)) is None


def _withdraw(person: Scope, made: apps.Registered) -> None:
    with unit(person) as reading:
        row = grants.active(reading, made.app.public_id)
    assert row
    for _ in range(2):
        assert grants.end(grants.public_id(row), SYSTEM).version == 2


def _revoke_app(person: Scope, made: apps.Registered) -> None:
    apps.revoke(PublicId(APP, made.app.public_id.scope, made.app.id), SYSTEM)


def _suspend(person: Scope, made: apps.Registered) -> None:
    def work(opened: object) -> None:
        row = opened.first(opened.select(Profile))  # type: ignore[attr-defined]  # a Unit
        row.state = "suspended"

    run(made.app.public_id.scope, work)


def test_secrets_stay_out_of_the_log(developer: Developer) -> None:
    both = tokens_of(developer)
    text = developer.web.process.log.read_text()
    for secret in (both["access_token"], both["refresh_token"], developer.made.client_secret or "?"):
        assert secret.partition(".")[2] not in text or not secret.partition(".")[2]
        assert secret not in text
