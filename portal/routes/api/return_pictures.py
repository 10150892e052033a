"""The pictures of a return through the API."""

import base64
import binascii

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.adapters import pictures
from portal.adapters.pictures import Drawn, NoPicture
from portal.db import return_pictures
from portal.db.return_pictures import Kept
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Problem, Unacceptable
from portal.operations import returning
from portal.operations.returning import Shot
from portal.routes.api import return_bodies as sent
from portal.routes.api.commands import Answer, command
from portal.routes.api.returns import ApiRequest, answer, found_by, speaking
from portal.routes.return_papers import picture_response

# Why a picture is not taken.
REFUSED = {
    "empty": "is empty",
    "too_large": f"is larger than {pictures.MOST_BYTES // 1024 // 1024} MB",
    "other_type": "is no JPEG, PNG or WebP picture",
    "too_many_points": f"has more than {pictures.MOST_POINTS // 1_000_000} million points",
    "broken": "is broken: it cannot be drawn",
}


@post("/returns/{number:str}/pictures", status_code=201)
async def add_picture(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostPicture,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """One more picture, of a line or of all of it; a return has eight at most."""
    async with work:
        await found_by(work, await speaking(work, viewer), number)
    drawn = await _drawn(data.content)

    async def do() -> Answer:
        by = await speaking(work, viewer)
        await returning.add_pictures(work, by, number, [Shot(data.line, kept(drawn))])
        return await answer(request, work, viewer, number, 201)

    return await command(request, work, viewer, do)


async def _drawn(content: str) -> Drawn:
    try:
        return await pictures.clean(base64.b64decode("".join(content.split()), validate=True))
    except binascii.Error as wrong:
        raise Unacceptable("This is no base64.", [Problem("/content", "is no base64")]) from wrong
    except NoPicture as wrong:
        said = REFUSED[wrong.why]
        raise Unacceptable(f"The picture {said}.", [Problem("/content", said)]) from wrong


def kept(drawn: Drawn) -> Kept:
    """A picture as it is stored."""
    return Kept(drawn.id, None, drawn.media_type, drawn.width, drawn.height, drawn.content, drawn.sha256)


@get("/returns/{number:str}/pictures/{picture_id:str}", media_type="image/jpeg", include_in_schema=False)
async def picture(
    number: FromPath[str],
    picture_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """One of its pictures."""
    async with work:
        found = await return_pictures.content(work.conn, viewer, number, picture_id)
    return picture_response(found, number, picture_id)


router = Router(path="", tags=["Returns"], route_handlers=[add_picture, picture])
