"""Apps that an organization answers for: registered and revoked by it, allowed and withdrawn by people."""

from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import database
from app.identity.oidc.names import APP, GRANT
from app.identity.oidc.service import apps, codes
from app.identity.oidc.service.grants import Consent
from tests.tenants.world import Actor, Tenant, World

BACK = "https://app.example.com/back"
WISH = {"name": "健康助手", "redirect_uris": [BACK], "scopes": ["openid"], "auth_method": "client_secret_basic"}


def allowed(person: Actor, client_id: str, organization: str) -> None:
    """The person consents on the page."""
    app = apps.find(client_id)
    assert app
    scope = Scope.for_person(PublicId.parse(person.do("GET", "/me")["id"], "per").scope.require_person())
    asked = codes.Asked(BACK, create_s256_code_challenge("v" * 43), None)
    codes.give(scope, Consent(app, organization, ["openid"]), asked, database().clock.now(), "")


def test_the_secret_is_shown_once(clinic: Tenant) -> None:
    one = clinic.administrator.ask("POST", "/apps", WISH, Idempotency_Key="app").json
    two = clinic.administrator.ask("POST", "/apps", WISH, Idempotency_Key="app")
    assert one and one["client_secret"]
    assert two.json == {"app": one["app"]}
    assert one["client_secret"] not in clinic.administrator.ask("GET", "/apps").text
    public = clinic.administrator.do("POST", "/apps", {**WISH, "auth_method": "none"})
    assert public["client_secret"] is None


def test_what_cannot_be_registered(clinic: Tenant) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"redirect_uris": ["http://app.example.com/"]}, "/redirect_uris"),
        ({"redirect_uris": ["https://app.example.com/#x"]}, "/redirect_uris"),
        ({"redirect_uris": ["https://user@app.example.com/"]}, "/redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris"),
        ({"redirect_uris": ["https://app.example.com/;script-src *"]}, "/redirect_uris"),
        ({"redirect_uris": ["http://127.0.0.1.example.com/"]}, "/redirect_uris"),
        ({"post_logout_redirect_uris": ["http://localhost/"]}, "/post_logout_redirect_uris"),
        ({"scopes": ["me.write"]}, "/scopes"),
        ({"jwks": {"keys": []}}, "/jwks"),
        ({"auth_method": "private_key_jwt"}, "/jwks"),
    ]
    rules = {str(changed): clinic.administrator.rules("POST", "/apps", {**WISH, **changed}) for changed, _ in wrong}
    assert {changed: {pointer for pointer, _ in faults} for changed, faults in rules.items()} == {
        str(changed): {pointer} for changed, pointer in wrong
    }


def test_a_revoked_app_is_gone(world: World, clinic: Tenant, pharmacy: Tenant) -> None:
    client_id = clinic.administrator.do("POST", "/apps", WISH)["app"]["id"]
    for id in (client_id, str(PublicId(APP, pharmacy.scope, new_id())), "app_0"):
        assert pharmacy.administrator.refused(404, "POST", f"/apps/{id}/revocation") == "not_found"
    for _ in range(2):
        assert clinic.administrator.do("POST", f"/apps/{client_id}/revocation")["version"] == 2
    assert apps.find(client_id) is None
    assert world.person().refused(403, "POST", "/apps", WISH) == "forbidden"


def test_people_see_and_withdraw_what_they_allow(world: World, clinic: Tenant) -> None:
    client_id = clinic.administrator.do("POST", "/apps", WISH)["app"]["id"]
    person, stranger = world.person(), world.person()
    allowed(person, client_id, clinic.name)
    (grant,) = person.do("GET", "/me/app-grants")["data"]
    assert (grant["app"], grant["app_name"], grant["organization"]) == (client_id, WISH["name"], clinic.name)
    assert (grant["scopes"], grant["state"], grant["ended_at"]) == (["openid"], "active", None)
    assert stranger.do("GET", "/me/app-grants")["data"] == []
    path = f"/me/app-grants/{grant['id']}/ending"
    assert grant["id"].startswith(f"{GRANT}_")
    assert stranger.refused(404, "POST", path) == "not_found"
    assert person.do("POST", path)["state"] == "ended"
    allowed(person, client_id, clinic.name)
    assert [one["state"] for one in person.do("GET", "/me/app-grants")["data"]] == ["active", "ended"]
