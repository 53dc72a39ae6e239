"""The project's own source files, parsed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("app", "tenants", "prescriptions", "insurance")
"""The packages that run in production, of which some are still to come."""


@dataclass(frozen=True)
class Source:
    """One file, named by its path below the project's root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """The dotted name under which the file is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def below(self, *places: str) -> bool:
        """Whether the file is, or lies in, one of `places`."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Everything that the file is made of."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def calls(self) -> tuple[tuple[str, ast.Call], ...]:
        """Every call, with what is called as it is written: `print`, `.cursor`, `datetime.now`."""
        return tuple((ast.unparse(node.func), node) for node in self.nodes if isinstance(node, ast.Call))

    def imports(self) -> Iterator[str]:
        """The modules that the file imports; of `from a import b` both `a` and `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}: a relative import"
                yield str(node.module)
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function of the file, methods and inner ones too."""
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def sources(*roots: str) -> list[Source]:
    """The files below `roots`, directories or files of the project."""
    return [_source(file) for root in roots for file in sorted((ROOT / root).rglob("*.py"))]


@cache
def _source(file: Path) -> Source:
    """Read and parsed once, by however many tests it is asked about."""
    return Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
