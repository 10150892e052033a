"""Orders through the API: placing, reading, and every command that moves quantities."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.db import addressees, detail, order_list, orders
from portal.db import events as event_rows
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.because import english
from portal.domain.refusals import NotFound, Problem, Unacceptable
from portal.operations import cancelling, holding, moving, placing
from portal.routes.api import bodies, reading, shapes
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.feed import event_document
from portal.routes.confirmation import answer_confirmation
from portal.routes.documents import PDF
from portal.routes.heard import hear, hear_for_order

ApiRequest = Request[Any, Any, Any]
WRITE: dict[str, Any] = {NEEDS: "orders:write"}
State = Literal["draft", "pending_approval", "rejected", "held", "open", "closed", "cancelled"]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]
Cursor = Annotated[str | None, QueryParameter(max_length=200)]
UpdatedAfter = Annotated[str | None, QueryParameter(description="RFC 3339, with its offset")]
# `state` is a word of the framework's; the address says it all the same.
OrderState = Annotated[State | None, QueryParameter(name="state")]


def fingerprint(body: msgspec.Struct) -> bytes:
    """What was sent, whatever the order of its fields."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).digest()


def with_origin(origin: str | None, external_id: str | None) -> None:
    """Another system's name and its id go together."""
    if (origin is None) != (external_id is None):
        missing = "/external_id" if external_id is None else "/origin"
        raise Unacceptable("origin and external_id go together.", [Problem(missing, "needed with the other")])


async def document(work: Work, viewer: Viewer, number: str) -> tuple[dict[str, Any], int]:
    """(the order as it stands within this work, its version). The books are closed first, so that it is final."""
    await work.close_books()
    found = await detail.detail(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no order {number!r}.")
    return shapes.order(found, english(work.now.date())), found.version


async def answer(work: Work, viewer: Viewer, number: str, status: int = 200) -> Answer:
    """A command's answer: the order, with its version as ETag."""
    body, version = await document(work, viewer, number)
    return Answer(status, body, {"ETag": f'"{version}"'}, version)


@post("/orders", opt=WRITE, status_code=201)
async def place(
    request: ApiRequest,
    data: bodies.PostOrder,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    supplier: NamedDependency[placing.Supplier],
) -> Response[bytes]:
    """Place an order: priced, checked for credit, given stock and promises at once."""
    if data.approval == "bypass":
        viewer.need("orders:bypass")

    heard = await hear(request.app.state, data.account) if viewer.sees(data.account) else None

    async def do() -> Answer:
        number, is_new = await placing.place(work, viewer, supplier, _wanted(data), heard)
        placed = await answer(work, viewer, number, 201 if is_new else 200)
        location = {"Location": f"/api/v1/orders/{number}"}
        return Answer(placed.status, placed.body, placed.headers | location, None)

    return await command(request, work, viewer, do)


def _wanted(data: bodies.PostOrder) -> placing.Wanted:
    with_origin(data.origin, data.external_id)
    bodies.within_reach(data.requested_on, "/requested_on")
    return placing.Wanted(
        account=data.account,
        lines=wanted_lines(data.lines),
        ship_to=data.ship_to,
        purchase_order_number=data.purchase_order_number,
        placed_at=data.placed_at,
        requested_on=data.requested_on,
        delivery_preference=data.delivery_preference,
        discount=bodies.quantity(data.discount, "/discount"),
        freight=bodies.quantity(data.freight, "/freight"),
        origin=data.origin,
        external_id=data.external_id,
        fingerprint=fingerprint(data) if data.origin is not None else None,
        cost_centre=data.cost_centre,
        instructions=data.instructions,
        without_approval=data.approval == "bypass",
    )


def wanted_lines(lines: Sequence[bodies.OrderLine]) -> list[placing.WantedLine]:
    """At least one; those without a number are counted on."""
    if not lines:
        raise Unacceptable("An order has at least one line.", [Problem("/lines", "empty")])
    return [
        placing.WantedLine(
            line=number,
            sku=line.sku,
            quantity=_positive(line.quantity, f"/lines/{index}/quantity"),
            unit_price=bodies.optional(line.unit_price, f"/lines/{index}/unit_price"),
            need_by=line.need_by,
        )
        for index, (number, line) in enumerate(zip(_line_numbers(lines), lines, strict=True))
    ]


def _line_numbers(lines: Sequence[bodies.OrderLine]) -> list[int]:
    """Lines without a number are counted on from the highest."""
    given = [line.line for line in lines if line.line is not None]
    if len(set(given)) < len(given):
        twice = next(number for number in given if given.count(number) > 1)
        index = [line.line for line in lines].index(twice, [line.line for line in lines].index(twice) + 1)
        raise Unacceptable(
            f"Line {twice} stands here twice.",
            [Problem(f"/lines/{index}/line", f"line {twice} stands here twice")],
        )
    if not given:
        return list(range(1, len(lines) + 1))
    following = iter(range(max(given) + 1, max(given) + len(lines) + 1))
    return [line.line if line.line is not None else next(following) for line in lines]


def _positive(raw: str | int, pointer: str) -> Any:
    value = bodies.quantity(raw, pointer)
    if not value:
        raise Unacceptable("The quantity must be more than 0.", [Problem(pointer, "must be more than 0")])
    return value


@get("/orders", opt={"query": ("account", "state", "updated_after", "limit", "cursor", "q")})
async def list_orders(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    account: FromQuery[str | None] = None,
    order_state: OrderState = None,
    updated_after: UpdatedAfter = None,
    q: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Orders within the token's scope, newest first, without their lines."""
    since = reading.instant(updated_after, "updated_after") if updated_after is not None else None
    async with work:
        rows, following = await order_list.search(
            work.conn,
            viewer,
            q=q,
            state=order_state,
            account_number=account,
            updated_after=since,
            before=read_cursor(cursor),
            limit=limit,
        )
    return {"items": [_row(row) for row in rows], "next": write_cursor(following)}


def _row(row: order_list.OrderRow) -> dict[str, Any]:
    amounts = ("goods", "discount", "freight", "tax", "total")
    return {
        "number": row.number,
        "account": row.account,
        "purchase_order_number": row.purchase_order_number,
        "state": row.state,
        "version": row.version,
        "placed_at": shapes.instant(row.placed_at),
        "requested_on": shapes.day(row.requested_on),
        "ship_to": row.ship_to,
        "currency": row.currency,
        "totals": {name: money.text(getattr(row, name), row.currency) for name in amounts},
        "summary": {"lines": row.lines, "lines_complete": row.lines_complete},
        "next_arrival": shapes.day(row.next_arrival),
        "updated_at": shapes.instant(row.updated_at),
    }


def read_cursor(cursor: str | None) -> int | None:
    """The key that a page ended with."""
    if cursor is None:
        return None
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()).decode())
    except (ValueError, binascii.Error) as wrong:
        raise ValidationException(
            detail="This cursor was not given by us.",
            extra=[{"message": "not a cursor of ours", "key": "cursor"}],
        ) from wrong


def write_cursor(key: int | None) -> str | None:
    """Opaque, so that nobody builds on what it holds."""
    return base64.urlsafe_b64encode(str(key).encode()).decode() if key is not None else None


@get("/orders/{number:str}")
async def read(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Response[Any]:
    """The order: every quantity, where it is, why, and when."""
    async with work:
        found = await orders.find(work.conn, viewer, number)
        if found is None:
            raise NotFound(f"There is no order {number!r}.")
        if is_known(request, found[1]):
            return Response(None, status_code=304, headers=version_headers(found[1]))
        value = await detail.detail(work.conn, viewer, number)
    assert value is not None
    return Response(shapes.order(value, english(work.now.date())), headers=version_headers(value.version))


def version_headers(version: int) -> dict[str, str]:
    """A strong tag; whoever keeps a copy asks each time whether it still holds."""
    return {"ETag": f'"{version}"', "Cache-Control": "private, no-cache"}


def is_known(request: ApiRequest, version: int | str) -> bool:
    """Whether the caller has this version already."""
    tags = request.headers.get("If-None-Match", "").split(",")
    return f'"{version}"' in {tag.strip().removeprefix("W/") for tag in tags}


@get("/orders/{number:str}/timeline")
async def timeline(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """What happened, oldest first."""
    async with work:
        found = await orders.find(work.conn, viewer, number)
        if found is None:
            raise NotFound(f"There is no order {number!r}.")
        rows = await event_rows.timeline(work.conn, found[0])
    return {"items": [event_document(row) for row in rows], "next": None}


@get("/orders/{number:str}/confirmation.pdf", media_type=PDF)
async def confirm(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Response[bytes]:
    """What was ordered and what is promised, as PDF, in the languages of the account's documents."""
    async with work:
        order = await detail.detail(work.conn, viewer, number)
        if order is None:
            raise NotFound(f"There is no order {number!r}.")
        to = await addressees.addressee(work.conn, order.account, order.ship_to.code)
    return await answer_confirmation(request, order, to)


@post("/orders/{number:str}/holds", opt=WRITE, status_code=201)
async def hold(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostHold,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Stop the order, or some of its lines."""

    async def do() -> Answer:
        hold_id = await holding.hold(work, viewer, number, data.reason, data.note, data.lines)
        body, version = await document(work, viewer, number)
        told = next(item for item in body["holds"] if item["id"] == str(hold_id))
        return Answer(201, told, {"ETag": f'"{version}"'}, version)

    return await command(request, work, viewer, do, order=number)


@post("/orders/{number:str}/holds/{hold_id:str}/release", opt=WRITE, status_code=200)
async def release(
    request: ApiRequest,
    number: FromPath[str],
    hold_id: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: bodies.PostRelease | None = None,
) -> Response[bytes]:
    """Lift a hold. A credit hold is lifted only when the credit covers the order now."""
    note = data.note if data else None
    heard = await hear_for_order(request.app.state, number, viewer)
    return await move(
        request, work, viewer, number, lambda: holding.release(work, viewer, number, hold_id, note, heard)
    )


async def move(
    request: ApiRequest, work: Work, viewer: Viewer, number: str, verb: Callable[[], Awaitable[None]]
) -> Response[bytes]:
    """A command on an order, answered with the order."""

    async def do() -> Answer:
        await verb()
        return await answer(work, viewer, number)

    return await command(request, work, viewer, do, order=number)


def parts(given: Sequence[bodies.Part]) -> list[moving.Part]:
    """Quantities of lines, as they were sent."""
    return [
        moving.Part(part.line, bodies.quantity(part.quantity, f"/lines/{index}/quantity"))
        for index, part in enumerate(given)
    ]


@post("/orders/{number:str}/cancellations", opt=WRITE, status_code=200)
async def cancel(
    request: ApiRequest,
    number: FromPath[str],
    data: bodies.PostCancellation,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Cancel quantities that nobody works on yet."""
    return await move(
        request,
        work,
        viewer,
        number,
        lambda: cancelling.cancel(work, viewer, number, parts(data.lines), data.reason),
    )


router = Router(
    path="",
    tags=["Orders"],
    route_handlers=[place, list_orders, read, timeline, confirm, hold, release, cancel],
)  # fmt: skip
