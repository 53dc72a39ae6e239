"""What every answer says to a browser, and what the platform makes of a caller's own Host header: nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.edge.requests import FEATURES
from tests.edge.conftest import running
from tests.platform import Platform

OURS = "hospital.example.com"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRANGE = (
    "evil.example",
    "evil.example:443",
    "evil@hospital.example.com.evil.example",
    "[::1",
    "",
    "hospital.example.co",
)


@pytest.fixture(scope="module")
def strict(platform: Platform) -> Iterator[Flask]:
    """An application as in production, with a name."""
    settings = replace(platform.settings, environment="production", hosts=frozenset({OURS}))
    with running(platform, settings) as made:
        yield made


def readable(app: Flask) -> list[str]:
    """The paths of all routes that can be read, with a word for what is variable."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted(app.url_map.bind(OURS).build(one.endpoint, dict.fromkeys(one.arguments, "x")) for one in rules)


def asked(app: Flask, path: str, host: str = OURS, **headers: str) -> TestResponse:
    """What a stranger is answered; a client that fetched the description first would be asked for the host too."""
    return Client(app).get(path, headers={"Host": host, **headers}, buffered=True)


METADATA = ["/.well-known/openid-configuration", "/oauth/jwks.json"]
"""What anybody's pages may read: it is the same for everybody. The first has a second address."""

SIGN_IN = "/account/sign-in"
FORMS = ["/oauth/authorize", "/oauth/logout", SIGN_IN]
"""Pages on which a person signs in, consents and signs out."""


def test_every_answer_tells_browsers_to_be_careful(strict: Flask) -> None:
    paths = [*readable(strict), "/nowhere"]
    assert len(paths) > 50
    for path in paths:
        headers = asked(strict, path, Origin="https://evil.example").headers
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS, path
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] in ("'none'", "'self'"), path
        assert "unsafe" not in policy.get("script-src", policy["default-src"]), path
        assert (policy["base-uri"], policy["frame-ancestors"]) == ("'none'",) * 2, path
        assert policy["form-action"] == ("'self'" if path in FORMS else "'none'"), path
        used = {feature for feature in FEATURES if f"{feature}=()" not in headers["Permissions-Policy"]}
        assert used == ({"publickey-credentials-get"} if path == SIGN_IN else set()), path
        assert headers["Strict-Transport-Security"] == "max-age=31536000", path
        shared = {name: value for name, value in headers if name.startswith("Access-Control-")}
        assert shared == ({"Access-Control-Allow-Origin": "*"} if path in METADATA else {}), path
        assert "Set-Cookie" not in headers or path in FORMS, path


def test_only_files_without_data_may_be_kept_by_a_browser(strict: Flask) -> None:
    kept = [path for path in readable(strict) if asked(strict, path).headers.get("Cache-Control") != "no-store"]
    assert set(kept) == {*METADATA, "/oauth/style.css"}, kept
    assert "max-age" in asked(strict, "/docs/files/swagger-ui.css").headers["Cache-Control"]


def test_the_description_needs_no_script_inside_its_page(strict: Flask) -> None:
    page = asked(strict, "/docs/").text
    scripts = [part.partition("</script>")[0] for part in page.split("<script")[1:]]
    assert scripts and all(script.startswith(' src="/') and script.endswith(">") for script in scripts)
    assert " style=" not in page and " on" not in "".join(scripts)
    assert all(asked(strict, script.split('"')[1]).status_code == 200 for script in scripts)


@pytest.mark.parametrize("host", STRANGE)
def test_another_host_is_not_served(strict: Flask, host: str) -> None:
    answer = asked(strict, "/api/v1/openapi.json", host)
    assert answer.json and (answer.status_code, answer.json["code"]) == (421, "misdirected_request")
    page = asked(strict, "/account", host, Accept="text/html")
    assert (page.status_code, "cannot be carried out" in page.text, "<a " in page.text) == (421, True, False)
    assert asked(strict, "/healthz", host).status_code == 200, "probes ask by address"


@pytest.mark.parametrize("host", [OURS, OURS.upper(), f"{OURS}:8443"])
def test_the_own_host_is_served(strict: Flask, host: str) -> None:
    assert asked(strict, "/api/v1/openapi.json", host).status_code == 200


def test_without_names_any_host_is_served_and_none_is_repeated(app: Flask) -> None:
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "javascript",
        "Forwarded": "host=evil.example",
    }
    for path in readable(app):
        answer = asked(app, path, "evil.example", **forwarded)
        assert answer.status_code != 421
        assert "evil.example" not in answer.text and "evil.example" not in str(answer.headers), path


def test_nobody_is_redirected(app: Flask) -> None:
    paths = ["/docs", "/docs/", "/api/v1/me", "/api/v1/me/", "//api/v1/me", "/oauth/token/"]
    forms = ["{}", "//evil.example{}", "/\\evil.example{}", "{}?next=//evil.example", "{}//evil"]
    answers = {(path, form): asked(app, form.format(path), "evil.example") for path in paths for form in forms}
    assert {cell for cell, answer in answers.items() if 300 <= answer.status_code < 400} == set()
    assert {cell for cell, answer in answers.items() if "Location" in answer.headers} == set()


def test_no_route_corrects_a_path_by_a_redirect(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    assert rules
    assert [one.rule for one in rules if one.strict_slashes or one.merge_slashes or one.redirect_to] == []
