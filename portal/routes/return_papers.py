"""What is not a page of a return: its label, and its pictures."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from portal.db import return_pictures, returns
from portal.domain.refusals import Conflict, NotFound
from portal.domain.returns import Return
from portal.filters import Tongue
from portal.routes.asking import asking
from portal.routes.documents import PDF, Printout, answer_pdf, letterhead
from portal.routes.visitor import PageRequest
from portal.views.papers.return_labels import return_label

__all__ = ["PDF", "answer_label", "picture_response", "router"]

# Shown as a picture and as nothing else, whatever a browser makes of its content. It never changes.
PICTURE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; sandbox; require-trusted-types-for 'script'; frame-ancestors 'none'"
    ),
    "Cache-Control": "private, max-age=86400, immutable",
}


@get("/returns/{number:str}/label.pdf", name="return-label")
async def label(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The label of an authorised return, in the reader's language."""
    asked = await asking(request, needs="returns:read")
    async with asked.reading() as conn:
        found = await returns.one(conn, asked.viewer, number)
    if found is None:
        raise NotFound(f"There is no return {number}.")
    return await answer_label(request, found, asked.tongue)


async def answer_label(request: Request[Any, Any, Any], found: Return, tongue: Tongue) -> Response[Any]:
    """Refused before it is authorised: nobody sends what nobody expects."""
    if found.state not in ("authorised", "closed"):
        told = tongue.gettext("Return {number} is not authorised: there is no label for it.")
        raise Conflict(told.format(number=found.number))
    printout = Printout(
        "pdf/return_label.html",
        return_label(found, tongue, letterhead(request)),
        tongue,
        kept_as=f"return-labels/{found.number}",
        file_name=f"{found.number}-label.pdf",
    )
    return await answer_pdf(request, printout)


@get("/returns/{number:str}/pictures/{picture_id:str}", name="return-picture")
async def picture(number: FromPath[str], picture_id: FromPath[str], request: PageRequest) -> Response[bytes]:
    """One of its pictures, to whoever may see the return."""
    asked = await asking(request, needs="returns:read")
    async with asked.reading() as conn:
        found = await return_pictures.content(conn, asked.viewer, number, picture_id)
    return picture_response(found, number, picture_id)


def picture_response(found: tuple[str, bytes, bytes] | None, number: str, picture_id: str) -> Response[bytes]:
    if found is None:
        raise NotFound(f"Return {number} has no picture {picture_id!r}.")
    media_type, content, sha256 = found
    headers = PICTURE_HEADERS | {
        "ETag": f'"{sha256.hex()[:32]}"',
        "Content-Disposition": f'inline; filename="{number}.jpg"',
    }
    return Response(content, media_type=media_type, headers=headers)


router = Router("/", route_handlers=[label, picture], opt={"no_compress": True})
