"""Pictures from outside: decoded and encoded anew, so that nothing but what is seen is kept.

Metadata (place, device, time), comments, colour profiles, further frames, what is appended and what lies under
transparent parts are gone; the orientation is applied first. Two formats are read, whatever others the library knows,
each within a limit of bytes and of pixels, and few at a time (Pillow's handbook, Security).
"""

import io
from dataclasses import dataclass, field
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import InvalidInput
from app.core.outside import Gate

MOST_BYTES = 8 * 1024 * 1024
"""Of a picture as it comes, and as it is kept."""
MOST_PIXELS = 25_000_000
"""About 100 MB while it is decoded."""
LONGEST_SIDE = 12_000
QUALITY = 90
"""Of JPEG: no difference is seen."""
AT_ONCE = 2
"""Pictures that a process decodes at the same time."""
PATIENCE = 5.0
"""Seconds that a picture waits for its turn."""
_READ = ("JPEG", "PNG")
_DEEP = "I"
"""What the names of modes with 16 bits and more begin with."""
_TO_EIGHT_BITS = 1 / 256
_gate = Gate(AT_ONCE, PATIENCE)


class MediaType(StrEnum):
    """What a picture is sent as and kept as."""

    JPEG = "image/jpeg"
    PNG = "image/png"


@dataclass(frozen=True)
class Picture:
    """A picture that was encoded here."""

    content: bytes = field(repr=False)
    media_type: MediaType
    width: int
    height: int


def cleaned(content: bytes) -> Picture:
    """The picture that is seen in `content`, in the format that its bytes say.

    Raises InvalidInput `picture_not_recognized` for what is neither JPEG nor PNG, `picture_too_large` for too many
    pixels or bytes, `picture_broken` for what cannot be decoded to its end; TryLater while too many are decoded.
    """
    with _gate.passed():
        try:
            picture = _encoded(content)
        except InvalidInput:
            raise
        except Exception as error:  # decoders of hostile bytes raise whatever they like; nothing of it is a defect here
            raise InvalidInput("the picture cannot be decoded", code="picture_broken") from error
    if len(picture.content) > MOST_BYTES:
        raise _too_large()
    return picture


def _encoded(content: bytes) -> Picture:
    with _opened(content) as image:
        if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
            raise _too_large()
        media_type = MediaType.PNG if image.format == "PNG" else MediaType.JPEG  # JPEG has kinds with other names
        seen = _seen(image)
    out = io.BytesIO()
    if media_type is MediaType.PNG:
        seen.save(out, "PNG")
    else:
        seen.save(out, "JPEG", quality=QUALITY)
    return Picture(out.getvalue(), media_type, seen.width, seen.height)


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=_READ)
    except UnidentifiedImageError as error:
        raise InvalidInput("this is neither JPEG nor PNG", code="picture_not_recognized") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error


def _seen(image: Image.Image) -> Image.Image:
    """What a viewer shows: upright, without transparency, 8 bits for each colour, and nothing beside it."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(_DEEP):
        upright = upright.convert("I").point(lambda value: value * _TO_EIGHT_BITS)
    whole = _flat(upright) if upright.has_transparency_data else upright.convert("L" if _is_gray(upright) else "RGB")
    whole.info.clear()  # encoders write from it what they find there
    return whole


def _flat(image: Image.Image) -> Image.Image:
    through = image.convert("RGBA")
    flat = Image.new("RGB", through.size, "white")
    flat.paste(through, mask=through.getchannel("A"))
    return flat


def _is_gray(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "I")


def _too_large() -> InvalidInput:
    most = f"{MOST_PIXELS // 10**6} million pixels, {LONGEST_SIDE} on a side, {MOST_BYTES // 2**20} MiB"
    return InvalidInput(f"a picture has at most {most}", code="picture_too_large")
