"""The supplier's one colour as a style sheet, and each person's choice of light or dark."""

import hashlib
from typing import Any

from litestar import Response, Router, get, post
from litestar.response import Redirect

from portal.colours import readable, text_on
from portal.pages import THEMES, local_path
from portal.routes.visitor import YEAR, PageRequest, cookie, maybe_signed_in, ours, with_cookies


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


@post("/theme", name="theme")
async def choose(request: PageRequest) -> Response[Any]:
    """Light, dark, or as the system has it; kept in a cookie, no script needed."""
    form = await request.form()
    theme = str(form.get("theme", ""))
    response = Redirect(local_path(str(form.get("next", ""))), status_code=303)
    return with_cookies(response, cookie(request, "theme", theme if theme in THEMES else "", YEAR))


router = Router("/", route_handlers=[brand, choose], guards=[maybe_signed_in, ours])
