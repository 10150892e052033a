"""Stock: search a product; see what stands where, the rows behind each figure, and count it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import backorders, due, places, stock, stock_rows
from portal.db.stock_rows import StockFilter
from portal.db.work import Connection, Work
from portal.domain.quantities import text
from portal.domain.refusals import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unacceptable,
    refuse_any,
)
from portal.domain.stockroom import Product, Shelf
from portal.operations import counting
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk import stock as views
from portal.views.desk import words as desk_words
from portal.views.desk.words import Mistyped, typed_quantity

PER_PAGE = 50
# So many rows behind a figure are listed; the figure counts all.
LISTED = 200


class Recounted(Stale):
    """The level changed between the drawing of the form and its sending."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that was refused, to be drawn again."""

    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200

    def problem(self, name: str) -> str:
        problems = self.refusal.problems if self.refusal else ()
        return next((p.detail for p in problems if p.pointer.removeprefix("/") == name), "")


@get("/stock", name="desk-stock")
async def index(request: PageRequest) -> Response[Any]:
    """Products by SKU, those that begin with, or are named, what was typed."""
    asked = await asking(request, needs="desk:read")
    query = request.query_params
    wanted = StockFilter(
        q=query.get("q", "").replace("\x00", "").strip()[:80],
        short=query.get("short") == "1",
        after=query.get("after", "").replace("\x00", "")[:80],
    )
    async with asked.reading() as conn:
        found, following = await stock_rows.search(conn, wanted, PER_PAGE)
    said = {"q": wanted.q, "short": "1" if wanted.short else ""}
    kept = {name: value for name, value in said.items() if value}
    return asked.page(
        "desk/stock.html",
        section="desk",
        wanted=wanted,
        found=found,
        following=f"/desk/stock?{urlencode(kept | {'after': following})}" if following else None,
        first=f"/desk/stock?{urlencode(kept)}" if wanted.after else None,
    )


@get("/stock/{sku:str}", name="desk-product")
async def show(sku: FromPath[str], request: PageRequest) -> Response[Any]:
    """One product at every location. `show` and `at` choose a figure whose rows are listed."""
    asked = await asking(request, needs="desk:read")
    return await _draw(asked, sku, Counted())


@post("/stock/{sku:str}/counts", name="desk-counts")
async def count(sku: FromPath[str], request: PageRequest) -> Response[Any]:
    """What stands on the shelf is what was counted; the page that follows says what that took from whom."""
    asked = await asking(request, needs="stock:write")
    form = await request.form()
    typed = {name: str(value).strip() for name, value in form.items() if name != "_csrf"}
    try:
        await once(asked, form, f"{_path(sku)}/counts", partial(_count, asked, sku, typed))
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict | Stale) else 422
        return await _draw(asked, sku, Counted(typed, refusal, status))
    query = urlencode({"done": str(form["form"]), "at": typed.get("location", "")})
    return Redirect(f"{_path(sku)}?{query}", status_code=303)


async def _count(asked: Asked, sku: str, typed: Mapping[str, str], work: Work) -> Outcome:
    """Under the product's lock: what the form has seen still holds, or nothing is counted."""
    product = await _product(work.conn, sku)
    on_hand, quarantined = _read(asked, product, typed)
    location = typed.get("location", "")
    if location not in await places.names(work.conn):
        said = asked.tongue.gettext("Choose a location.")
        raise Unacceptable(said, [Problem("/location", said)])
    await stock.lock(work.conn, [sku])
    level = await stock.level(work.conn, location, sku)
    if typed.get(f"seen-{location}") != seen(level):
        raise Recounted(
            asked.tongue.gettext("The stock has changed since the form was drawn. Nothing was booked.")
        )
    before = await stock_rows.firm(work.conn, sku), await stock_rows.agreements(work.conn, sku)
    await counting.count(work, location, sku, on_hand, quarantined)
    after = await stock_rows.firm(work.conn, sku), await stock_rows.agreements(work.conn, sku)
    return {
        "work": await due.transaction(work.conn),
        "location": location,
        "on_hand": text(on_hand),
        "before": text(level.on_hand) if level else "0",
        "taken": views.taken(before[0], after[0])[:LISTED],
        "kept_less": views.kept_less(before[1], after[1]),
    }


def seen(level: stock.Level | Shelf | None) -> str:
    """What a form has seen of a level: a count against another level would undo what others have booked."""
    return f"{text(level.on_hand)}/{text(level.quarantined)}" if level is not None else "0/0"


def _read(asked: Asked, product: Product, typed: Mapping[str, str]) -> tuple[Decimal, Decimal | None]:
    problems, read = [], {}
    for name in ("on_hand", "quarantined"):
        raw = typed.get(name, "")
        if not raw and name == "quarantined":
            continue
        try:
            read[name] = typed_quantity(raw, product.unit, asked.tongue)
        except Mistyped as wrong:
            problems.append(Problem(f"/{name}", str(wrong)))
    refuse_any(problems)
    if read.get("quarantined", Decimal(0)) > read["on_hand"]:
        said = asked.tongue.gettext("More than is on hand.")
        raise Unacceptable(said, [Problem("/quarantined", said)])
    return read["on_hand"], read.get("quarantined")


async def _draw(asked: Asked, sku: str, counted: Counted) -> Response[Any]:
    query = asked.request.query_params
    done = await came_of(asked, f"{_path(sku)}/counts", query.get("done"))
    async with asked.reading() as conn:
        product = await _product(conn, sku)
        shelves = await stock_rows.shelves(conn, sku)
        known = {shelf.location: shelf.name for shelf in shelves}
        at = query.get("at", "") if query.get("at", "") in known else ""
        showing = query.get("show", "") if query.get("show", "") in views.SHOWS and at else ""
        agreements = await stock_rows.agreements(conn, sku)
        coming = await stock_rows.coming(conn, sku)
        waits = await backorders.length(conn, sku)
        rows = await _rows(conn, sku, at, showing)
        effect = await due.effect(conn, done["work"]) if done else None
    return asked.page(
        "desk/product.html",
        section="desk",
        status=counted.status,
        product=product,
        path=_path(sku),
        shelves=shelves,
        total=views.total(shelves),
        shelf=next((shelf for shelf in shelves if shelf.location == at), None),
        at=at,
        showing=showing,
        rows=rows,
        agreements=agreements,
        inspections=[one for one in coming if one.kind == "inspection" and one.location == at],
        coming=coming,
        waits=waits,
        counted=counted,
        done=views.count(done) if done else None,
        effect=effect,
        places=known,
        form_id=new_form(),
        listed=LISTED,
        words=desk_words,
        bar=views.bar,
        seen=seen,
    )


async def _rows(conn: Connection, sku: str, at: str, showing: str) -> Any:
    """The rows behind the figure that is looked at, where they are not on the page already."""
    if showing == "allocated":
        return await stock_rows.firm(conn, sku, at)
    if showing in ("on_hand", "free"):
        return await stock_rows.moved(conn, sku, at)
    return None


async def _product(conn: Connection, sku: str) -> Product:
    product = await stock_rows.product(conn, sku)
    if product is None:
        raise NotFound(f"There is no product {sku!r}.")
    return product


def _path(sku: str) -> str:
    return f"/desk/stock/{quote(sku, safe='')}"


router = Router(
    "/",
    route_handlers=[index, show, Router("/", route_handlers=[count], guards=[signed_in, ours])],
)
