"""The built files, compressed beforehand, under names that change with their content: kept by browsers for a year."""

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from portal.assets import Assets, Built

FOR_EVER = "public, max-age=31536000, immutable"


@get(
    "/static/{name:path}",
    name="static",
    include_in_schema=False,
    opt={"no_compress": True, "skip_session": True},
)
async def file(name: FromPath[str], request: Request[None, None, State]) -> Response[bytes]:
    """One built file, in the best encoding that the browser takes."""
    built = assets.files.get(str(name).lstrip("/"))
    if built is None:
        raise NotFoundException("There is no such file.")

    body, encoding = _best(built, request.headers.get("accept-encoding", ""))
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, media_type=built.content_type, headers=headers)


def _best(built: Built, accepted: str) -> tuple[bytes, str | None]:
    encodings = {
        part.split(";")[0].strip()
        for part in accepted.split(",")
        if not part.replace(" ", "").endswith(";q=0")
    }
    if built.brotli is not None and "br" in encodings:
        return built.brotli, "br"
    if built.gzip is not None and "gzip" in encodings:
        return built.gzip, "gzip"
    return built.plain, None


assets = Assets()
