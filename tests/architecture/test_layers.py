"""The import contract knows every package that is there, so that none escapes it."""

import re
import tomllib
from typing import Any

from tests.architecture.sources import PRODUCT, ROOT, sources

CONTRACTS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LAYERS = next(contract["layers"] for contract in CONTRACTS["contracts"] if contract["type"] == "layers")


def named() -> set[str]:
    """Every module that a layer names."""
    return {name for layer in LAYERS for name in re.findall(r"[\w.]+", layer)}


def test_every_package_is_a_root_of_the_contract() -> None:
    there = {source.path.partition("/")[0] for source in sources(*PRODUCT)}
    assert there - set(CONTRACTS["root_packages"]) == set(), "add it to root_packages in pyproject.toml"


def test_every_part_of_the_product_has_a_layer() -> None:
    parts = {".".join(source.module.split(".")[: 2 if source.below("app") else 1]) for source in sources(*PRODUCT)}
    assert parts - {"app", "app.__init__"} - named() == set(), "give it a place in the layers of pyproject.toml"


def test_the_core_is_the_lowest_layer() -> None:
    assert LAYERS[-4:] == ["app.settings", "app.settings_reading", "app.edge", "app.core"]
