"""Rules that hold for every source file, those of tomorrow too."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.architecture.sources import PRODUCT, Source, sources

FILES = sources(*PRODUCT)
EVERYWHERE = [*FILES, *sources("deploy", "migrations", "tests")]
WEB = re.compile(r"flask(_.*)?|werkzeug")
WEB_ROOMS = re.compile(
    r"app/(edge|portal)/.*|app/factory\.py|app/identity/token_endpoint\.py"
    r"|.*/endpoints\.py|.*/endpoints/.*|.*/slice\.py|deploy/sandbox/.*|tests/.*"
)
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 300, 400, 60
WRITTEN_SQL = r"(.*\.)?(text|exec_driver_sql|literal_column|raw_connection)|.+\.cursor"
GENERATED = ("migrations/versions",)
"""Written by autogenerate and read once: as long as the tables are many."""
ROOMS_FOR_ALL_SLICES = ("app/factory.py", "app/models.py", "app/worker.py", "app/cli.py", "app/commands.py")
"""Who puts the slices together, and so knows more of them than their `api`."""


def calling(files: Iterable[Source], pattern: str) -> list[str]:
    wanted = re.compile(pattern)
    return [f"{source.path}: {call}(" for source in files for call, _ in source.calls if wanted.fullmatch(call)]


def test_no_sql_is_written_outside_the_core() -> None:
    outside = [source for source in FILES if not source.below("app/core")]
    assert calling(outside, WRITTEN_SQL) == []
    named = [source.path for source in outside if any(name.endswith(".OPENING") for name in source.imports())]
    assert named == [], "the fence's own option lets a statement pass unread"


def test_transactions_end_in_units_alone() -> None:
    outside = [source for source in FILES if not source.below("app/core")]
    assert calling(outside, r".+\.(commit|rollback|begin_nested)") == []


def test_nothing_is_printed() -> None:
    assert calling(FILES, "print") == []


def test_time_and_chance_come_from_the_core() -> None:
    outside = [source for source in FILES if not source.below("app/core/clock.py", "app/core/ids.py")]
    assert (
        calling(outside, r"(.*\.)?(utcnow|uuid1|uuid4|uuid7)|(.*\.)?datetime\.(now|today)|date\.today|time\.time(_ns)?")
        == []
    )


def test_the_web_stays_at_the_edge() -> None:
    inside = [source for source in FILES if not WEB_ROOMS.fullmatch(source.path)]
    found = [
        f"{source.path}: {name}"
        for source in inside
        for name in source.imports()
        if WEB.fullmatch(name.partition(".")[0])
    ]
    assert found == [], "only edge, endpoints, portal, slice files and the factory know Flask"


def test_requests_go_out_through_the_core() -> None:
    """Connectors use `app.core.http`; the gateway's client has its own transport; hints to workers are no requests."""
    doors = ("app/core/http", "app/core/wake.py", "app/payments/gateway")
    inside = [source for source in FILES if not source.below(*doors) and "/connectors/" not in source.path]
    clients = {"requests", "urllib3", "httpx", "http.client", "urllib.request", "socket", "aiohttp"}
    found = [f"{source.path}: {name}" for source in inside for name in source.imports() if name in clients]
    assert found == []


def test_no_module_is_a_heap() -> None:
    heaps = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools"}
    assert [source.path for source in EVERYWHERE if heaps & set(source.module.split("."))] == []


@pytest.mark.parametrize("root", ["app", "tenants", "deploy", "migrations", "tests"])
def test_there_is_something_to_check(root: str) -> None:
    assert any(source.below(root) for source in EVERYWHERE)


def test_files_stay_small() -> None:
    long = [
        f"{source.path}: {source.lines} lines"
        for source in EVERYWHERE
        if source.lines > (LONGEST_TEST_FILE if source.below("tests") else LONGEST_FILE)
        and not source.below(*GENERATED)
    ]
    assert long == [], "split it by use case"


def test_functions_stay_small() -> None:
    long = [
        f"{source.path}: {function.name}"
        for source in EVERYWHERE
        for function in source.functions()
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION and not source.below(*GENERATED)
    ]
    assert long == []


def slice_of(path: str) -> str | None:
    """The slice in which the file or module at `path` lies; None for the core, the edge and single files of `app`."""
    found = re.match(r"app/(?!core/|edge/)(\w+)/|(?!app/)(\w+)/", path)
    return (found[1] or found[2]) if found else None


def test_slices_meet_through_their_api() -> None:
    slices = {slice_of(source.path) for source in FILES} - {None}
    found = [
        f"{source.path}: {name}"
        for source in FILES
        if source.path not in ROOMS_FOR_ALL_SLICES
        for name in source.imports()
        if (other := slice_of(name.replace(".", "/"))) in slices - {slice_of(source.path)}
        and not re.search(rf"\b{other}\.api\b", name)
    ]
    assert found == [], "import from the other slice's api"


def test_the_payment_gateways_client_knows_nothing_of_us() -> None:
    known = [
        f"{source.path}: {name}"
        for source in sources("app/payments/gateway")
        for name in source.imports()
        if name.partition(".")[0] in PRODUCT and not name.startswith("app.payments.gateway")
    ]
    assert known == []


def test_exceptions_to_the_linters_say_why() -> None:
    bare = re.compile(r"#\s*(noqa|type:\s*ignore)(:\s*[A-Z0-9, ]+|\[[a-z-, ]+\])?\s*$")
    found = [
        f"{source.path}:{number}"
        for source in EVERYWHERE
        for number, line in enumerate(source.text.splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_public_things_of_the_product_have_docstrings() -> None:
    found = [
        f"{source.path}: {node.name}"
        for source in FILES
        for node in source.tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert found == []
    assert [source.path for source in FILES if not ast.get_docstring(source.tree)] == []
