"""Pictures come out as what is seen in them, and as nothing else."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from app.core.errors import InvalidInput
from app.core.pictures import MOST_PIXELS, MediaType, cleaned
from tests.core.pictures import PLACE, SCRIPT, bomb, chatty, jpeg, located, png, polyglot


def shown(content: bytes) -> Image.Image:
    """What a viewer makes of it."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def code(content: bytes) -> str:
    with pytest.raises(InvalidInput) as raised:
        cleaned(content)
    return raised.value.code


@pytest.mark.parametrize(("made", "media_type"), [(jpeg(), MediaType.JPEG), (png(), MediaType.PNG)])
def test_a_picture_stays_what_it_shows(made: bytes, media_type: MediaType) -> None:
    picture = cleaned(made)
    before, after = shown(made), shown(picture.content)
    assert (picture.media_type, picture.width, picture.height) == (media_type, *before.size)
    assert Image.MIME[str(after.format)] == media_type
    center = (before.width // 2, before.height // 2)
    difference = [abs(a - b) for a, b in zip(_rgb(before, center), _rgb(after, center), strict=True)]
    assert max(difference) <= 4


def _rgb(image: Image.Image, at: tuple[int, int]) -> tuple[int, int, int]:
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def test_where_when_and_with_what_is_gone_and_it_stands_upright() -> None:
    sent = located()
    before = shown(sent)
    assert PLACE in sent and b"resident 7" in sent and before.getexif().get_ifd(0x8825)
    picture = cleaned(sent)
    after = shown(picture.content)
    assert not after.getexif() and not after.getexif().get_ifd(0x8825)
    for words in (PLACE, b"Exif", b"ACME", b"resident 7", b"profile"):
        assert words not in picture.content
    assert (picture.width, picture.height) == (before.height, before.width)
    assert cleaned(picture.content).width == picture.width


def test_what_else_a_file_is_is_gone() -> None:
    sent = polyglot()
    assert SCRIPT in sent and b"PK\x03\x04" in sent
    kept = cleaned(sent).content
    assert SCRIPT not in kept and b"PK\x03\x04" not in kept


def test_what_lies_under_transparent_parts_is_gone() -> None:
    hidden = Image.new("RGBA", (10, 10), (1, 2, 3, 0))
    assert _rgb(shown(cleaned(png(hidden)).content), (5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    picture = cleaned(png(Image.new(mode, (7, 5))))
    assert (picture.media_type, picture.width, picture.height) == (MediaType.PNG, 7, 5)
    assert shown(picture.content).mode in ("L", "RGB")


def test_gray_of_sixteen_bits_keeps_its_shades() -> None:
    assert shown(cleaned(png(Image.new("I;16", (7, 5), 0x8000))).content).getpixel((0, 0)) == 0x80


def test_pictures_for_print_and_pairs_of_pictures_are_taken() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(out, "JPEG")
    assert shown(cleaned(out.getvalue()).content).mode == "RGB"
    pair = io.BytesIO()
    first = Image.new("RGB", (8, 8))
    first.save(pair, "MPO", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    assert shown(cleaned(pair.getvalue()).content).format == "JPEG"


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'/>", SCRIPT, b"%PDF-1.7", b"\x00" * 999]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    assert code(content) == "picture_not_recognized"


def test_other_formats_are_refused() -> None:
    assert code(gif()) == "picture_not_recognized"


@pytest.mark.parametrize("whole", [jpeg(), png()])
def test_half_a_picture_is_refused(whole: bytes) -> None:
    assert code(whole[: len(whole) * 2 // 3]) == "picture_broken"


@pytest.mark.parametrize("side", [5001, 10_000, 40_000])
def test_a_bomb_is_refused_before_it_grows(side: int) -> None:
    assert side * side > MOST_PIXELS
    assert code(bomb(side)) == "picture_too_large"


def test_too_long_a_side_is_refused() -> None:
    assert code(png(Image.new("1", (12_001, 1)))) == "picture_too_large"


def test_a_picture_that_is_not_as_large_as_it_says_is_refused() -> None:
    assert code(bomb(3000)) == "picture_broken"


def test_a_text_that_grows_is_refused() -> None:
    assert code(chatty(70 * 2**20)) in ("picture_broken", "picture_not_recognized")


def test_a_picture_that_would_be_kept_too_large_is_refused() -> None:
    noise = Image.effect_noise((3000, 1500), 90)
    colors = Image.merge("RGB", [noise, noise.rotate(180), noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT)])
    assert code(png(colors, compress_level=1)) == "picture_too_large"


def test_more_than_are_decoded_at_once_wait_their_turn() -> None:
    sent = jpeg((2000, 2000))
    with ThreadPoolExecutor(6) as threads:
        widths = [picture.width for picture in threads.map(cleaned, [sent] * 6)]
    assert widths == [2000] * 6
