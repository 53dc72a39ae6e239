"""What is installed is pinned by version and hash, and nothing says from where: that is for each machine to decide."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.architecture.sources import ROOT

PIN = re.compile(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[^ ;]+( ; [^\\:@]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
EXACT = re.compile(r"\d+\.\d+\.\d+")


def described(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((ROOT / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_python_packages_are_pins_and_hashes(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []


def test_npm_packages_are_versions_and_hashes() -> None:
    wanted = described("package.json")
    asked = {**wanted.get("dependencies", {}), **wanted["devDependencies"]}
    assert wanted["private"] is True
    assert [name for name, version in asked.items() if not EXACT.fullmatch(version)] == []
    locked = {path: package for path, package in described("package-lock.json")["packages"].items() if path}
    assert locked.keys() >= {f"node_modules/{name}" for name in asked}
    assert [path for path, one in locked.items() if not one.get("integrity", "").startswith("sha512-")] == []
    assert [path for path, one in locked.items() if {"resolved", "link", "hasInstallScript"} & one.keys()] == []


def test_no_place_to_download_from_is_named() -> None:
    said = "".join((ROOT / name).read_text(encoding="utf-8") for name in (".npmrc", "package.json", "pyproject.toml"))
    assert "omit-lockfile-registry-resolved=true" in said
    assert "://" not in said
