"""The program that makes a PDF: a typst source and its data come on standard input, the document goes to the output.

A process of its own, with nothing in its environment: what is set is somebody's own data, and the library is large.
The document is PDF/A-3a and PDF/UA-1: tagged for readers of screens, and refused where a character has no glyph.
"""

import json
import sys

import typst


def main() -> int:
    """Make the document; 1 where it cannot be made, of which nothing is said: errors quote what they are about."""
    wish = json.load(sys.stdin.buffer)
    try:
        made = typst.compile(
            wish["source"].encode(),
            font_paths=[wish["fonts"]],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": wish["data"]},
            pdf_standards=["a-3a", "ua-1"],
            timestamp=wish["at"],
        )
    except (typst.TypstError, ValueError):
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
