"""A file for the cart: read at once, put into the cart in slices, and followed while that goes on."""

import hashlib
from typing import Any

from litestar import Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from portal.adapters.queue import nudge
from portal.db import uploads
from portal.db.work import Work
from portal.domain import pasting
from portal.domain.pasting import Pasted
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Unacceptable
from portal.operations import uploading
from portal.operations.carting import MOST_LINES
from portal.routes.asking import Asked, asking
from portal.routes.cart_page import Refusing, draw
from portal.routes.once import once
from portal.routes.shopping import LARGEST, NEEDS, Buying, buying, not_too_large, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.buying.words import decimal_mark

LARGEST_FILE = 1024 * 1024
# So many rows are in the cart when the page comes: most files never need the worker.
AT_ONCE = 2
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MARKED = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@get("/{upload_id:int}", name="new-order-upload")
async def show(upload_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """How far it has come. When all of it is in the cart, the cart."""
    asked = await asking(request, needs=NEEDS)
    async with asked.reading() as conn:
        upload = await uploads.find(conn, upload_id)
        if upload is None or upload.person_id != asked.viewer.person_id:
            raise NotFound(f"There is no upload {upload_id}.")
        whose = await buying(conn, asked, upload.account)
    if upload.is_done:
        address = whose.address(upload=upload.id)
        if "hx-request" in request.headers:
            return Response(b"", media_type="text/html", headers={"HX-Redirect": address})
        return Redirect(address, status_code=303)
    return asked.page("cart/upload.html", section="cart", upload=upload, whose=whose)


@post("/", name="new-order-uploads")
async def create(request: PageRequest) -> Response[Any]:
    """Read a file. What cannot be read of it is told line by line in the cart; what is no such file is refused."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    async with asked.reading() as conn:
        whose = await buying(conn, asked, str(form.get("account", "")))
    try:
        upload_id = await _keep(asked, whose, form.get("file"), str(form.get("form", "")))
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return await draw(asked, Refusing(refusal, status=422), whose)
    await _go_on(request, upload_id)
    return Redirect(whose.address(f"/new-order/uploads/{upload_id}"), status_code=303)


async def _keep(asked: Asked, whose: Buying, file: object, form: str) -> int:
    _ = asked.tongue.gettext
    if not isinstance(file, UploadFile):
        raise Unacceptable(_("Choose a file first."), [Problem("file", "missing")])
    content = await file.read(LARGEST_FILE + 1)
    name = "".join(c for c in file.filename if c.isprintable())[-80:] or _("File")
    lines = _lines(asked, content)
    sent = {"form": form, "file": hashlib.sha256(content).hexdigest(), "name": name}

    async def do(work: Work) -> dict[str, Any]:
        number = whose.customer.number
        return {"upload": await uploading.begin(work, asked.viewer, number, name, lines, form)}

    outcome = await once(asked, sent, path_of(whose, "uploads"), do)
    return int(outcome["upload"])


def _lines(asked: Asked, content: bytes) -> list[Pasted]:
    """What the file says, by its content and not by its name."""
    _ = asked.tongue.gettext
    if len(content) > LARGEST_FILE:
        raise Unacceptable(_("The file is larger than 1 MB. Nothing was added: upload it in parts."))
    if content.startswith(WORKBOOKS):
        raise Unacceptable(
            _("This is a workbook. Save the sheet as CSV, or copy its cells and paste them here.")
        )
    said = _text(content)
    if said is None:
        raise Unacceptable(_("This is no text file. A CSV file with a number and a quantity per line is."))
    if (count := pasting.count(said)) > MOST_LINES + 1:
        template = _("The file has {n} lines, and an order at most {most}. Nothing was added.")
        n, most = asked.tongue.number(count), asked.tongue.number(MOST_LINES)
        raise Unacceptable(template.format(n=n, most=most))
    lines = pasting.parse(said, decimal_mark(asked.tongue))
    if not lines:
        raise Unacceptable(_("There is no line in this file."))
    return lines


def _text(content: bytes) -> str | None:
    """As spreadsheets write it: with its mark, in UTF-8, or in Windows' letters; None for what is no text."""
    for mark, encoding in MARKED:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if b"\x00" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


async def _go_on(request: PageRequest, upload_id: int) -> None:
    """The first slices now; the rest is the worker's."""
    state = request.app.state
    for _ in range(AT_ONCE):
        if not await uploading.carry_on(state.pool, upload_id, state.settings.supplier_time_zone):
            return
    await nudge(state.valkey, "fill_cart", upload_id, job_id=f"cart-upload-{upload_id}")


router = Router(
    "/new-order/uploads",
    route_handlers=[show, Router("/", route_handlers=[create], guards=[not_too_large, signed_in, ours])],
    opt={"no_compress": True},
    request_max_body_size=LARGEST,
)
