"""Many documents in one file: asked for from a list, followed while it is packed, taken by whoever asked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from portal.adapters.queue import nudge
from portal.db import bundles
from portal.db.bundles import Bundle
from portal.db.work import Work
from portal.domain.refusals import Conflict, NotFound, Unacceptable
from portal.filters import Tongue
from portal.operations import bundling
from portal.operations.bundling import MOST, TooManyWaiting
from portal.routes.asking import Asked, asking
from portal.routes.invoices import numbers_of, section_of
from portal.routes.once import once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.invoices.asked import Asked as Listed

NEEDS = "invoices:read"
MOST_LISTED = 50


@get("/", name="bundle-list")
async def index(request: PageRequest) -> Response[Any]:
    """One's own files that are packed, or being packed."""
    asked = await asking(request, needs=NEEDS)
    async with asked.reading() as conn:
        found = await bundles.mine(conn, asked.viewer, MOST_LISTED)
    return asked.page(
        "bundles/index.html",
        section=section_of(asked),
        headers={"Cache-Control": "private, no-cache"},
        files=[
            (one, asked.tongue.moment(one.asked_at, asked.today), _size(one.size, asked.tongue))
            for one in found
        ],
    )


@post("/", name="bundles")
async def create(request: PageRequest) -> Response[Any]:
    """Pack the invoices that are ticked (`row`), or with `all` those that the list shows."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    numbers = await _numbers(asked, form)
    if not numbers:
        return _none_ticked(asked, form)
    _refuse_too_many(asked, numbers)
    sent = {**{name: form[name] for name in form}, "row": " ".join(sorted(numbers))}

    async def do(work: Work) -> dict[str, Any]:
        return {"bundle": await bundling.ask(work, asked.viewer, numbers)}

    try:
        outcome = await once(asked, sent, "/invoices/bundles", do)
    except TooManyWaiting:
        told = asked.tongue.gettext("Several files are being packed for you already: take those first.")
        raise Conflict(told) from None
    await nudge(request.app.state.valkey, "make_bundles", job_id="make-bundles")
    return Redirect(f"/invoices/bundles/{outcome['bundle']}", status_code=303)


async def _numbers(asked: Asked, form: Any) -> list[str]:
    if not form.get("all"):
        return [str(number) for number in form.getall("row", [])]
    return await numbers_of(asked, {name: str(form[name]) for name in form}, most=MOST + 1)


def _none_ticked(asked: Asked, form: Any) -> Response[Any]:
    """Back to the same list, where they are ticked."""
    shown = Listed.read({name: str(form[name]) for name in form})
    return asked.page("bundles/none.html", section=section_of(asked), status=422, back=shown.but().href)


def _refuse_too_many(asked: Asked, numbers: Sequence[str]) -> None:
    _ = asked.tongue.gettext
    if len(numbers) > MOST:
        raise Unacceptable(_("One file holds {n} documents at most: choose fewer.").format(n=MOST))


@get("/{bundle_id:str}", name="bundle")
async def show(bundle_id: FromPath[str], request: PageRequest) -> Response[Any]:
    """How far it is; then, where to take it."""
    asked = await asking(request, needs=NEEDS)
    bundle = await _bundle(asked, bundle_id)
    return asked.page(
        "bundles/show.html", section=section_of(asked), bundle=bundle, size=_size(bundle.size, asked.tongue)
    )


@get("/{bundle_id:str}/invoices.zip", name="bundle-file", opt={"no_compress": True})
async def take(bundle_id: FromPath[str], request: PageRequest) -> Response[Any]:
    asked = await asking(request, needs=NEEDS)
    bundle = await _bundle(asked, bundle_id)
    if bundle.state != "ready":
        return Redirect(f"/invoices/bundles/{bundle.id}", status_code=303)
    day = asked.tongue.on(bundle.asked_at).isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="invoices-{day}.zip"',
        "Content-Length": str(bundle.size),
        "Cache-Control": "private, no-store",
    }
    pieces = bundles.content(asked.reading, bundle)
    return Stream(pieces, media_type="application/zip", headers=headers)


def _size(octets: int, tongue: Tongue) -> str:
    """`1.2 MB`."""
    tenths = max(1, round(octets / 100_000))
    return f"{tongue.number(Decimal(tenths) / 10)} MB"


async def _bundle(asked: Asked, bundle_id: str) -> Bundle:
    async with asked.reading() as conn:
        bundle = await bundles.find(conn, asked.viewer, bundle_id)
    if bundle is None:
        raise NotFound("There is no such file, or not any more: files are kept for a day.")
    return bundle


router = Router("/invoices/bundles", route_handlers=[index, create, show, take], guards=[signed_in, ours])
