"""The supplier's one colour as a style sheet, and each person's choice of light or dark."""

import colorsys
import hashlib
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.pages import THEMES, local_path
from portal.routes.visitor import YEAR, PageRequest, cookie, maybe_signed_in, ours, with_cookies

# WCAG 2.2: text needs this against what is behind it.
ENOUGH = 4.5


@get("/brand.css", name="brand", opt={"no_compress": True})
async def brand(request: PageRequest) -> Response[str]:
    """Kept for ever: its address changes with the colour."""
    text = sheet(request.app.state.settings.supplier_colour)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(text, media_type="text/css", headers=headers)


def brand_href(colour: str) -> str:
    return f"/brand.css?{hashlib.sha256(sheet(colour).encode()).hexdigest()[:12]}"


def sheet(colour: str) -> str:
    """The brand's tokens for light and dark, each readable with the text on it and on the page."""
    light, dark = readable(colour, "#ffffff", darker=True), readable(colour, "#15191c", darker=False)
    on_light, on_dark = text_on(light), text_on(dark)
    return (
        "@layer tokens { :root { "
        f"--brand: light-dark({light}, {dark}); --on-brand: light-dark({on_light}, {on_dark}); "
        "} }\n"
    )


def readable(colour: str, behind: str, *, darker: bool) -> str:
    """The same hue, moved as little as it takes to stand out from `behind`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while contrast(colour, behind) < ENOUGH and 0 < lightness < 1:
        lightness += -0.02 if darker else 0.02
        colour = _hex(colorsys.hls_to_rgb(hue, min(1, max(0, lightness)), saturation))
    return colour


def text_on(colour: str) -> str:
    return max(("#ffffff", "#0c1116"), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(min(1, max(0, c)) * 255):02x}" for c in channels)


@post("/theme", name="theme")
async def choose(request: PageRequest) -> Response[Any]:
    """Light, dark, or as the system has it; kept in a cookie, no script needed."""
    form = await request.form()
    theme = str(form.get("theme", ""))
    response = Redirect(local_path(str(form.get("next", ""))), status_code=303)
    return with_cookies(response, cookie(request, "theme", theme if theme in THEMES else "", YEAR))


router = Router("/", route_handlers=[brand, choose], guards=[maybe_signed_in, ours])
