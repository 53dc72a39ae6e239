"""The export for people: everything that the JSON has, in words, in their language, and no character lost."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

from app.core.access import FRESH_FOR
from app.core.glyphs import shown_by
from app.core.typesetting import FACES, NotTypeset, Typesetter, connect_typesetter
from app.factory import SLICES
from app.residents.rules.access_words import LANGUAGES
from app.residents.rules.export_words import FIELDS, PARTS
from app.residents.service.exports import EXPORT_KEPT
from app.residents.service.gathering import connect_exports, document
from app.residents.service.printing import HEAD, laid_out
from app.settings_reading import FONTS
from tests.residents.conftest import Clock
from tests.residents.test_exports import asked, fetched, make
from tests.residents.world import World
from tests.tenants.world import Actor
from tests.visits.scenes import Clinic

RARE = "\U00020bb7野家"
"""A name with a character beyond the basic plane, which the fonts do not have."""
CODES = [*"\u200b\ue000\U0001f600"]


@pytest.fixture(autouse=True)
def contributions() -> Iterator[None]:
    """Every slice contributes, as in a worker; nobody makes documents unless a test says so."""
    connect_exports([one.exports for one in SLICES if one.exports])
    connect_typesetter(None)
    yield
    connect_exports([])
    connect_typesetter(None)


@pytest.fixture
def making() -> Typesetter:
    """As in a worker."""
    made = Typesetter(FONTS)
    connect_typesetter(made)
    return made


def pdf(person: Actor, export: str) -> bytes:
    answer = person.ask("GET", f"/me/exports/{export}/document")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf"), answer.text
    assert f'filename="{export}.pdf"' in answer.headers["Content-Disposition"]
    return bytes(answer.data)


@pytest.mark.parametrize(("query", "title"), [("", "我的全部资料"), ("?language=en", "Everything about me")])
def test_a_document_that_anybody_can_read(
    world: World, making: Typesetter, clock: Clock, query: str, title: str
) -> None:
    """Tagged, archivable, in the person's own language or the one that they chose."""
    resident = world.resident(RARE)
    wish = resident.do("POST", f"/me/exports{query}")
    assert wish["has_pdf"] is False
    make()
    assert resident.do("GET", f"/me/exports/{wish['id']}")["has_pdf"] is True
    made = pdf(resident, wish["id"])
    assert made.startswith(b"%PDF-1.7") and title.encode() in made
    for told in (b"<pdfaid:part>3<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<"):
        assert told in made
    assert fetched(resident, wish["id"])["resident"]["name"] == RARE
    assert written(world, wish["id"]) == [f"data_export.{what}" for what in ("asked", "ready", "fetched", "fetched")]
    before = on_disk(world)
    clock.ahead = EXPORT_KEPT + timedelta(minutes=1)
    make()
    assert len(before - on_disk(world)) >= 2, "both files are forgotten"


def written(world: World, export: str) -> list[str]:
    query = "SELECT type FROM journal_pending WHERE tenant_id = 1 AND subject = %s ORDER BY subject_version"
    with world.platform.connection() as connection:
        return [type for (type,) in connection.execute(query.encode(), [export])]


def on_disk(world: World) -> set[Path]:
    return {path for path in (world.platform.settings.blobs / "1").rglob("*") if path.is_file()}


def test_a_language_that_is_not_spoken(world: World) -> None:
    assert world.person().refused(422, "POST", "/me/exports?language=fr") == "invalid_input"


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_out(world: World, language: str) -> None:
    clinic, resident = Clinic(), world.resident()
    clinic.taken(world.platform, person=resident.id)
    world.settle(clinic.scope)
    found = document(resident.id)
    sections = laid_out(found, language, str)["sections"]
    assert len(sections) == len(found) - len(HEAD)
    said = {cell for section in sections for item in section["items"] for row in item["rows"] for cell in row}
    told = [leaf for name, part in found.items() if name not in HEAD for leaf in leaves(part)]
    texts = [one for one in told if isinstance(one, str) and one and not one.endswith("Z")]
    assert len(texts) > 40
    assert [one for one in texts if not any(one in cell for cell in said)] == []
    numbers = {str(one) for one in told if isinstance(one, int) and not isinstance(one, bool)}
    assert numbers and numbers <= said


def test_what_is_said_is_plain_words(making: Typesetter) -> None:
    found = {
        "made_at": "2026-11-22T02:15:00+00:00", "person": "per_1",
        "visits": [{"state": "paid", "taken_at": "2026-11-22T02:15:00Z", "messages": [{"text": "a\nb"}], "x_y": None}],
        "sign_ins": [], "account": {"roles": ["a", "b"], "locked": True},
    }  # fmt: skip
    told = laid_out(found, "zh-CN", making.shown)
    visits, sign_ins, account = told["sections"]
    assert (visits["heading"], visits["items"][0]["heading"]) == ("问诊", "1")
    assert visits["items"][0]["rows"] == [
        ["状态", "paid"], ["接诊时间", "2026-11-22 10:15:00"], ["消息 · 1 · 内容", "a b"], ["x_y", "—"],
    ]  # fmt: skip
    assert sign_ins["items"] == []
    assert account["items"] == [{"heading": None, "rows": [["角色", "a、b"], ["已锁定", "是"]]}]
    assert "per_1" in told["lead"][0]
    english = laid_out(found, "en", making.shown)["sections"]
    assert english[0]["items"][0]["rows"][1][0] == "Taken at"
    assert english[2]["items"][0]["rows"] == [["Roles", "a, b"], ["Locked", "yes"]]


def test_every_part_has_a_heading_and_no_word_stands_twice() -> None:
    assert set(PARTS) == {name for one in SLICES if one.exports for name in one.exports.parts}
    assert FIELDS["id"] == "编号"


def test_a_character_without_a_glyph_is_told_and_never_dropped(making: Typesetter) -> None:
    assert making.shown(f"{RARE} x") == "[U+20BB7]野家 x"
    assert [making.shown(one) for one in CODES] == ["[U+200B]", "[U+E000]", "[U+1F600]"]
    source, now = '#set text(font: "Noto Sans SC", fallback: false)\n#set document(title: [x])\n', datetime.now(UTC)
    assert making.pdf(source + RARE[1:], "", now)
    with pytest.raises(NotTypeset):
        making.pdf(source + RARE, "", now)


def test_what_is_said_is_no_markup(making: Typesetter) -> None:
    """In the data, what looks like the language of the source is text; a source that reads files gets none."""
    source = (
        '#let told = json(bytes(sys.inputs.data))\n#set document(title: told)\n#set text(font: "Noto Sans SC")\n#told'
    )
    assert b"#read" in making.pdf(source, '#read("/etc/passwd")', datetime.now(UTC))
    with pytest.raises(NotTypeset):
        making.pdf('#read("/etc/passwd")', "", datetime.now(UTC))


def test_without_fonts_there_is_the_file_alone(world: World, tmp_path: Path) -> None:
    for fonts in (None, Typesetter(tmp_path)):
        connect_typesetter(fonts)
        resident = world.resident()
        export = asked(resident)
        assert resident.do("GET", f"/me/exports/{export}")["has_pdf"] is False
        assert resident.refused(409, "GET", f"/me/exports/{export}/document") == "export_has_no_pdf"
        assert fetched(resident, export)["resident"]["name"] == "张三"


@pytest.mark.parametrize("content", [b"", b"no font at all", b"\0\1\0\0\0\1" + bytes(30)])
def test_what_is_no_font(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / f"{len(content)}.ttf"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="font"):
        shown_by(file)
    assert all(ord("中") in shown_by(FONTS / face) for face in FACES)


def test_who_signed_in_long_ago_signs_in_again(world: World, clock: Clock) -> None:
    resident = world.resident()
    export = asked(resident)
    clock.ahead = FRESH_FOR + timedelta(seconds=1)
    for method, path in (
        ("POST", "/me/exports"), ("GET", f"/me/exports/{export}/file"), ("GET", f"/me/exports/{export}/document"),
    ):  # fmt: skip
        assert resident.refused(403, method, path) == "fresh_sign_in_required"
    assert resident.do("GET", f"/me/exports/{export}")["state"] == "ready"
    assert fetched(world.again(resident), export)


def test_who_has_a_second_factor_proves_it(world: World, clock: Clock) -> None:
    """A fresh sign-in does not do then: a stolen phone receives codes."""
    resident = world.person()
    added = resident.do("POST", "/me/authenticators", {"name": "phone"})
    path, code = f"/me/authenticators/{added['authenticator']['id']}/confirmation", pyotp.TOTP(added["secret"])
    resident.do("POST", path, {"code": code.at(clock.now())})
    asked(resident)
    assert world.again(resident).refused(403, "POST", "/me/exports") == "second_factor_required"
