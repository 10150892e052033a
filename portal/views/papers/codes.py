"""Codes for scanners, drawn as shapes so that they are as sharp as the printer is.

One dimension is Code 128 (ISO/IEC 15417), which every hand scanner reads. What it cannot carry in the room there is,
stands as a QR code instead.
"""

from functools import lru_cache

import segno
from markupsafe import Markup
from pystrich.code128 import Code128Encoder

# Widths of the narrowest bar in millimetres. Printers of labels have eight dots to the millimetre: what is no whole
# number of them comes out ragged. Printers of paper are finer, and hand scanners read down to the last.
MODULES = (0.5, 0.375, 0.25)
MODULES_ON_PAPER = (*MODULES, 0.19)
# Light on either side without which no scanner finds the beginning, in modules.
QUIET = 10
# Each character takes 11 modules at most: more than these fit on no paper here.
MOST_CHARACTERS = 48


def code(text: str, title: str, *, width: float, height: float) -> Markup:
    """Bars where they fit into so many millimetres, else a QR code. `title` says what it is to who cannot see it."""
    return bars(text, title, width=width, height=height, widths=MODULES_ON_PAPER) or qr(text, title)


@lru_cache(maxsize=4096)
def bars(
    text: str, title: str, *, width: float, height: float, widths: tuple[float, ...] = MODULES
) -> Markup | None:
    """Code 128 with its quiet zones, at most `width` millimetres wide; None where the text does not go into it."""
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= MOST_CHARACTERS):
        return None
    pattern = str(Code128Encoder(text).bars)
    modules = len(pattern) + 2 * QUIET
    module = next((module for module in widths if modules * module <= width), None)
    if module is None:
        return None
    return Markup(
        '<svg class="bars" width="{w}mm" height="{h}mm" viewBox="0 0 {n} {h}" preserveAspectRatio="none">'
        '<title>{title}</title><path d="{path}" fill="#000"/></svg>'
    ).format(w=round(modules * module, 3), h=height, n=modules, title=title, path=_path(pattern, height))


def _path(pattern: str, height: float) -> str:
    """Each run of dark modules as one rectangle."""
    rectangles, x = [], QUIET
    for run in pattern.replace("10", "1 0").replace("01", "0 1").split():
        if run[0] == "1":
            rectangles.append(f"M{x} 0h{len(run)}v{height}h-{len(run)}z")
        x += len(run)
    return "".join(rectangles)


def qr(text: str, title: str) -> Markup:
    """A QR code that stands a quarter of it being lost. Four modules of the paper around it must stay white."""
    drawn = segno.make(text, error="q", micro=False).svg_inline(
        border=0, omitsize=True, dark="#000", title=title, svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - segno draws shapes and escapes the title
