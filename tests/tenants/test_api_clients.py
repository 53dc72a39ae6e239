"""Systems of a tenant: registered with few permissions, revoked at once."""

from joserfc.jwk import ECKey

from app.core.ids import PublicId, new_id
from app.identity.api import CLIENT
from tests.tenants.world import Actor, Tenant, World

CLIENTS = "/api-clients"


def registered(tenant: Tenant, *permissions: str) -> tuple[str, str]:
    made = tenant.administrator.do("POST", CLIENTS, {"name": "HIS", "permissions": list(permissions)})
    return made["client"]["id"], made["client_secret"]


def test_a_client_has_what_it_was_given(world: World, clinic: Tenant) -> None:
    client = world.client(clinic, "events.read")
    assert client.do("GET", "/events")["data"]
    assert client.refused(403, "GET", "/webhook-endpoints") == "forbidden"
    assert client.refused(403, "GET", CLIENTS) == "forbidden"


def test_some_permissions_are_not_for_clients_and_some_not_of_the_kind(world: World, clinic: Tenant) -> None:
    rules = {
        "staff.manage": "permission_not_for_clients",
        "clients.manage": "permission_not_for_clients",
        "organization_applications.decide": "permission_not_for_clients",
        "nothing": "permission_not_for_clients",
        "claim_cases.decide": "permission_not_of_kind",
    }

    def refused(permission: str) -> set[tuple[str, str]]:
        return clinic.administrator.rules("POST", CLIENTS, {"name": "HIS", "permissions": ["events.read", permission]})

    assert {one: refused(one) for one in rules} == {one: {("/permissions", rule)} for one, rule in rules.items()}
    assert clinic.administrator.do("GET", CLIENTS)["data"] == []


def test_the_secret_is_shown_once(world: World, clinic: Tenant) -> None:
    body = {"name": "HIS", "permissions": ["events.read"]}
    one = clinic.administrator.ask("POST", CLIENTS, body, Idempotency_Key="once")
    two = clinic.administrator.ask("POST", CLIENTS, body, Idempotency_Key="once")
    assert one.json
    assert two.json == {"client": one.json["client"]}
    assert two.headers["Idempotency-Omitted"] == "client_secret"
    assert one.json["client_secret"] not in clinic.administrator.ask("GET", CLIENTS).text
    assert len(clinic.administrator.do("GET", CLIENTS)["data"]) == 1


def test_a_revoked_client_is_out_at_once(world: World, clinic: Tenant) -> None:
    client_id, secret = registered(clinic, "events.read")
    client = Actor(world.app, world.client_token(client_id, secret))
    assert client.do("GET", "/events")
    for _ in range(2):
        revoked = clinic.administrator.do("POST", f"{CLIENTS}/{client_id}/revocation")
        assert (revoked["state"], revoked["version"]) == ("revoked", 2)
    assert client.refused(401, "GET", "/events") == "unauthenticated"
    with world.app.test_client() as web:
        answer = web.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    assert answer.json
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_another_tenants_client_is_not_there(world: World, clinic: Tenant, pharmacy: Tenant) -> None:
    client_id, secret = registered(clinic, "events.read")
    unknown = str(PublicId(CLIENT, pharmacy.scope, new_id()))
    for id in (client_id, unknown, "cli_0"):
        assert pharmacy.administrator.refused(404, "POST", f"{CLIENTS}/{id}/revocation") == "not_found"
    assert world.client_token(client_id, secret)


def test_a_client_with_keys_has_no_secret(world: World, clinic: Tenant) -> None:
    key = ECKey.generate_key("P-256", {"kid": "1"})
    body = {"name": "HIS", "permissions": ["events.read"], "jwks": {"keys": [key.as_dict(private=False)]}}
    assert clinic.administrator.do("POST", CLIENTS, body)["client_secret"] is None
    for keys in ([], [key.as_dict(private=True)], "x"):
        wrong = {**body, "jwks": {"keys": keys}}
        assert clinic.administrator.rules("POST", CLIENTS, wrong) == {("/jwks", "keys")}
