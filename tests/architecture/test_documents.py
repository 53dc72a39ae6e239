"""What the documents say must be true of the code: settings, logs, relays, events, permissions, paths and words."""

import ast
import re
from datetime import timedelta

from flask import Flask

from app.edge.api import PREFIX
from app.factory import hearing, load
from app.identity.oidc.names import METHODS
from app.identity.oidc.rules import (
    ACCESS_LIFE,
    ASSERTION_LIFE,
    CODE_LIFE,
    FAMILY_LIFE,
    ID_TOKEN_LIFE,
    REFRESH_LIFE,
)
from app.identity.oidc.scopes import SCOPES
from app.identity.roles import FOR_CLIENTS
from tests.architecture.sources import PRODUCT, ROOT, sources
from tests.platform import Platform

DOCUMENTS = [ROOT / "README.md", ROOT / "GLOSSARY.md", *sorted((ROOT / "docs").rglob("*.md"))]
VARIABLE = re.compile(r"\b(?:CLOUD|DATABASE_URL)(?:_[A-Z]+)*\b")
LOUD = frozenset({"log.warning", "log.error"})
MAIN_JOB = ("visits", "prescriptions", "insurance")
WATCHED = ("visit", "prescription", "routing_order", "supply", "coverage", "eligibility", "claim", "bill")
"""What the relays that these slices take are about."""


def said_in(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    """Everything that stands in code quotes."""
    return set(re.findall(r"`([^`\n]+)`", text))


def read_by_processes() -> set[str]:
    """The variables that are named as strings in what runs on a platform, docstrings apart."""
    files = [*sources("app"), *(one for one in sources("deploy") if not one.below("deploy/sandbox", "deploy/demo"))]
    strings = (
        node.value
        for source in files
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in strings if VARIABLE.fullmatch(text)}


def test_every_setting_is_explained() -> None:
    explained = {name for name in quoted(said_in("docs/running.md")) if VARIABLE.fullmatch(name)}
    known = read_by_processes()
    assert len(known) > 20
    assert known - explained == set(), "docs/running.md, Settings"
    assert explained - known == set(), "docs/running.md explains what nothing reads"


def test_every_loud_log_is_explained() -> None:
    loud = {
        word.value
        for source in sources(*PRODUCT)
        for name, node in source.calls
        if name in LOUD and node.args
        for word in ast.walk(node.args[0])
        if isinstance(word, ast.Constant) and isinstance(word.value, str) and re.fullmatch(r"[a-z_]+[a-z]", word.value)
    }
    assert len(loud) > 10
    assert loud - quoted(said_in("docs/running.md")) == set(), "docs/running.md, When something is wrong"


def test_the_journeys_relays_are_those_of_the_code(platform: Platform) -> None:
    slices = [one for one in load(platform.settings) if one.name in MAIN_JOB]
    there = {type_ for one in slices for type_, _ in one.handlers}
    words = re.findall(r"\b[a-z_]+\.(?!md\b)[a-z_]+\b", said_in("docs/journey.md"))
    told = {word for word in words if word.partition(".")[0] in WATCHED}
    assert len(slices) == len(MAIN_JOB)
    assert told - there == set(), "docs/journey.md tells of relays that nobody takes"
    assert there - told == set(), "docs/journey.md does not tell of them"


def test_what_integrators_are_told_is_there(app: Flask, platform: Platform) -> None:
    guide = said_in("docs/integrating.md")
    words = quoted(guide)
    events = {word for word in words if re.fullmatch(r"(routing_order|claim|coverage)\.[a-z_]+", word)}
    permissions = {word for word in words if re.fullmatch(r"[a-z_]+\.(read|manage|accept|decide)", word)}
    paths = {path for word in words if (path := re.sub(r"^(GET|POST|PUT|DELETE) |\?.*", "", word)).startswith("/")}
    rules = {re.sub("<[^>]*>", "<id>", rule.rule) for rule in app.url_map.iter_rules()}
    assert events and permissions and paths
    assert events - hearing(platform.settings).public == set()
    assert permissions - FOR_CLIENTS == set()
    assert {path for path in paths if path not in rules and f"{PREFIX}{path}" not in rules} == set()
    last = {rule.rpartition("/")[2] for rule in rules}
    assert {step for step in re.findall(r"\.\.\./([a-z-]+)`", guide) if step not in last} == set()


def in_minutes(time: timedelta) -> str:
    return f"{time // timedelta(minutes=1)} minutes"


def test_what_apps_are_told_is_there(app: Flask) -> None:
    guide = said_in("docs/apps.md")
    first = re.findall(r"^\| (`.+?`) \|", guide, re.MULTILINE)
    told = {word for cell in first for word in quoted(cell)} - {"auth_method"}
    assert told == {*SCOPES, *METHODS}
    paths = {re.sub(r"^(GET|POST) ", "", word) for word in quoted(guide) if re.match(r"((GET|POST) )?/", word)}
    rules = {re.sub("<[^>]*>", "<id>", rule.rule) for rule in app.url_map.iter_rules()}
    assert {path for path in paths if path not in rules and f"{PREFIX}{path}" not in rules} == set()
    for life in (in_minutes(ACCESS_LIFE), in_minutes(ID_TOKEN_LIFE), in_minutes(ASSERTION_LIFE)):
        assert f" {life}" in guide
    for days in (REFRESH_LIFE.days, FAMILY_LIFE.days):
        assert f"| {days} days" in guide
    assert f"within {int(CODE_LIFE.total_seconds())} seconds" in guide


def test_links_lead_somewhere() -> None:
    links = {
        (path.name, path.parent / link)
        for path in DOCUMENTS
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
    }
    assert {(name, str(end)) for name, end in links if not end.exists()} == set()


def test_files_that_are_named_are_there() -> None:
    places = ("app", "tenants", "prescriptions", "insurance", "migrations", "deploy", "tests", "docs")
    named = {
        (path.name, word.partition("::")[0].rstrip("/"))
        for path in DOCUMENTS
        for word in quoted(path.read_text(encoding="utf-8"))
        if word.startswith(tuple(f"{one}/" for one in places))
    }
    assert {(name, file) for name, file in named if not (ROOT / file).exists()} == set()


def security_lines() -> list[list[str]]:
    """The lines of the tables of docs/security.md: section, state, what, tests."""
    lines = [
        line.strip("| ").split(" | ") for line in said_in("docs/security.md").splitlines() if line.startswith("| ")
    ]
    return [line for line in lines if line[0] != "section"]


def test_every_test_that_security_names_is_there() -> None:
    named = {word for word in quoted(said_in("docs/security.md")) if word.startswith("tests/") and "::" in word}
    there = {
        f"{path}::{node.name}"
        for path in {word.partition("::")[0] for word in named}
        for node in ast.walk(ast.parse(said_in(path)))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(named) > 50
    assert named - there == set()


def test_security_claims_nothing_without_a_test() -> None:
    lines = security_lines()
    assert {line[1] for line in lines} == {"met", "partly", "not met"}
    claimed = [line[0] for line in lines if line[1] == "met" and "`tests/" not in line[-1]]
    assert claimed == [], "say which test fails when it is no longer true"
    assert [line[0] for line in lines if line[1] == "not met" and "`tests/" in line[-1]] == []


def test_each_word_is_explained_once() -> None:
    words = [line.split("|")[1].strip() for line in said_in("GLOSSARY.md").splitlines() if line.startswith("| ")][1:]
    assert len(words) > 50
    assert words == sorted(set(words), key=str.lower), "one line for each word, in the order of the alphabet"
