"""What `make serve` prints: whoever follows it finds what it names."""

import re
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from app.identity.roles import SIGNED_IN, Role, permissions_of
from deploy.demo import showing
from deploy.demo.listening import Credentials
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person, World
from deploy.demo.proving import Proving
from deploy.demo.serve import OFFICE
from tenants.rules import Kind
from tenants.staff_rules import ROLES_OF

ELSEWHERE = {
    Role.RESIDENT, Role.GUARDIAN, Role.TENANT_ADMINISTRATOR, Role.DOCTOR, Role.PHARMACIST, Role.PREPARER,
    Role.PLATFORM_OPERATOR, Role.REGULATOR,
}  # fmt: skip
"""Let in by what is played before, or by the command line."""
PATH = re.compile(r"(?<=[ \d])/(?:api|oauth|docs)/[\w/<>.-]*")
WORLD = World("http://127.0.0.1:1", "http://127.0.0.1:2")


def head() -> Person:
    """An administrator with an authenticator app."""
    return Person(WORLD, "x", proving=Proving(WORLD.platform, "x", pyotp.random_base32()))


def test_what_is_printed_can_be_followed(app: Flask, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    somebody, tenant = Person(WORLD, "x", device_token="dvt_1"), Tenant("pharmacy", "一号药房", "ten_1", head())
    showing.addresses({"API description": f"{WORLD.platform}/docs/", "logs": str(tmp_path)})
    showing.sign_ins(WORLD.sms, [("", "resident", somebody), ("一号药房", "administrator", tenant.administrator)])
    showing.clients([("pharmacy", tenant, Credentials("cli_1", "secret"))])
    said = capsys.readouterr().out
    shown = (somebody.phone, "device_token=dvt_1", "otpauth://totp/", "cli_1", "CLIENT_SECRET=secret", "ten_1")
    assert [word for word in (str(tmp_path), *shown) if word not in said] == []
    rules = {re.sub("<[^>]*>", "<id>", rule.rule) for rule in app.url_map.iter_rules()}
    named = {path.rstrip(".") for path in PATH.findall(said)}
    assert {"/docs/", "/oauth/token", "/api/v1/me/affiliations/<id>/tokens"} < named <= rules


def test_those_who_are_let_in_may_be_what_they_are_called() -> None:
    assert [(kind, role) for kind, _, role in OFFICE if role not in ROLES_OF[Kind(kind)]] == []


def test_everybody_who_has_a_task_of_their_own_is_let_in() -> None:
    tasks = {role for role in Role if permissions_of([role]) > SIGNED_IN}
    assert tasks - ELSEWHERE == {role for _, _, role in OFFICE}
