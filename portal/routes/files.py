"""Handing out the files of invoices, on pages and through the API: as they were made, the same bytes for ever.

They are made after the commit that issued the invoice: whoever asks at once waits a little, and is then told when to
come again.
"""

import asyncio
import time
from typing import Any

from litestar import Request, Response
from litestar.exceptions import ServiceUnavailableException

from portal.db import documents
from portal.db.documents import File, Kind
from portal.db.scoped import Readers
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound
from portal.routes.asking import Asked
from portal.routes.visitor import here_of

# Seconds that a program waits, and a person before an empty window.
PATIENCE = 8.0
PATIENCE_OF_PEOPLE = 4.0
SECONDS_BETWEEN_VISITS = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5


async def file_answer(
    request: Request[Any, Any, Any], viewer: Viewer, number: str, kind: Kind, patience: float = PATIENCE
) -> Response[Any]:
    """What the API answers: the file, 304 to who has it, or 202 while it is being made."""
    file = await wait_for(request.app.state.readers, viewer, number, kind, patience)
    if file.state == "waiting":
        headers = {"Retry-After": str(SECONDS_BETWEEN_VISITS), "Cache-Control": "no-store"}
        told = {"number": file.number, "state": "waiting"}
        return Response(told, status_code=202, media_type="application/json", headers=headers)
    return hand_out(request, file)


async def file_page(asked: Asked, number: str, kind: Kind) -> Response[Any]:
    """What a person gets: the file, or a page that opens it by itself as soon as it is there."""
    request = asked.request
    is_looking = "text/html" in request.headers.get("accept", "")
    patience = PATIENCE_OF_PEOPLE if is_looking else PATIENCE
    viewer = asked.viewer.within("invoices:read")
    file = await wait_for(request.app.state.readers, viewer, number, kind, patience)
    if file.state == "waiting":
        return asked.page(
            "documents/being_made.html",
            section="finance" if asked.viewer.is_supplier else "invoices",
            status=202,
            headers={"Refresh": str(SECONDS_BETWEEN_VISITS), "Cache-Control": "no-store"},
            title=file.number,
            here=here_of(request),
            is_long=False,
            back=(f"/invoices/{file.number}", asked.tongue.gettext("To the invoice")),
        )
    if file.state == "failed" or file.content is None:
        return _not_there(asked, file)
    return hand_out(request, file)


def _not_there(asked: Asked, file: File) -> Response[Any]:
    _ = asked.tongue.gettext
    text = (
        _("The files of this invoice could not be made. Our finance department knows, and will see to it.")
        if file.state == "failed"
        else _("There is no XML of this invoice, only the PDF: the standard for e-invoices allows none here.")
    )
    return asked.page(
        "documents/not_there.html",
        section="finance" if asked.viewer.is_supplier else "invoices",
        status=503 if file.state == "failed" else 404,
        title=file.number,
        text=text,
        back=(f"/invoices/{file.number}", _("To the invoice")),
    )


async def wait_for(readers: Readers, viewer: Viewer, number: str, kind: Kind, seconds: float) -> File:
    """The file as it is after so many seconds at most, without a connection being held meanwhile."""
    until, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        async with readers.reading(viewer) as conn:
            file = await documents.file(conn, viewer, number, kind)
        if file is None:
            raise NotFound(f"There is no invoice {number}.")
        if file.state != "waiting" or time.monotonic() + pause > until:
            return file
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def hand_out(request: Request[Any, Any, Any], file: File) -> Response[Any]:
    """A file that is not waited for any more."""
    if file.state == "failed":
        raise ServiceUnavailableException(
            f"The files of {file.number} could not be made. The supplier's finance department has been told.",
            headers={"Retry-After": "600"},
        )
    if file.content is None:
        raise NotFound(f"There is no valid e-invoice for {file.number}, only the PDF. {file.problem}".strip())
    headers = {
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{file.name}"',
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    if headers["ETag"] in known:
        return Response(b"", status_code=304, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
