"""Texts as pictures that another device reads: QR codes (ISO/IEC 18004)."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """`text` as an SVG image to be put into a page: black on white, with the quiet zone around it.

    It has no style, script or address, which the pages' policy forbids, and no size: that is the page's to say.
    """
    drawn = segno.make_qr(text).svg_inline(dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704  # numbers and the colors above; nothing of the text stands in it
