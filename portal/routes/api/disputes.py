"""Disputes of invoices through the API: opened by the buyer's side, talked over by both, settled."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.db import disputes
from portal.db.disputes import Wanted
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.disputes import Claimed, Dispute, DisputeRow
from portal.domain.quantities import text
from portal.domain.refusals import NotFound, Problem, Unacceptable
from portal.operations import disputing
from portal.operations.disputing import Claim, Settlement
from portal.routes.api import bodies, shapes
from portal.routes.api import dispute_bodies as sent
from portal.routes.api.approvals import acting
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import Cursor, Limit, parts, read_cursor, write_cursor

ApiRequest = Request[Any, Any, Any]
State = Literal["open", "credited", "rejected", "withdrawn"]
DisputeState = Annotated[State | None, QueryParameter(name="state")]
# No list is longer: what a forged cursor holds may be any number.
FURTHEST = 2**62


async def speaking(work: Work, viewer: Viewer, *, settles: bool = False) -> Viewer:
    """Who says something about an invoice: the person that the token acts for, else the supplier's system on the
    buyer's word. `settles`: what only the supplier may decide."""
    if viewer.person_id is None and viewer.is_supplier:
        viewer.need("invoices:write")
        return viewer
    person = await acting(work, viewer)
    return person.within("invoices:write" if settles else "invoices:dispute")


@post("/invoices/{number:str}/disputes", status_code=201)
async def create(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostDispute,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Dispute an invoice against the goods that came. The invoice stays due; nothing is credited before it is settled.

    A token that acts for somebody of the account may, and the supplier's with `invoices:write` on the buyer's word.
    """
    lines = [
        Claimed(line.line, bodies.quantity(line.quantity, f"/lines/{index}/quantity"), line.shipment)
        for index, line in enumerate(data.lines)
    ]

    async def do() -> Answer:
        by = await speaking(work, viewer)
        opened = await disputing.dispute(work, by, number, Claim(data.reason, lines, data.text))
        return await _answer(work, by, opened, 201)

    return await command(request, work, viewer, do)


@get("/disputes", opt={"query": ("account", "invoice", "order", "state", "limit", "cursor")})
async def list_disputes(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    account: FromQuery[str | None] = None,
    invoice: FromQuery[str | None] = None,
    order: FromQuery[str | None] = None,
    dispute_state: DisputeState = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Disputes within the token's scope, newest first."""
    key = read_cursor(cursor)
    before = min(max(key, 0), FURTHEST) if key is not None else None
    wanted = Wanted(dispute_state, account, invoice, order, before=before)
    async with work:
        found, following = await disputes.search(work.conn, viewer, wanted, limit)
    return {"items": [_row(row) for row in found], "next": write_cursor(following)}


@get("/disputes/{number:str}")
async def read(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """A dispute: what is disputed, what was said, and how it ended."""
    async with work:
        found = await disputes.dispute(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no dispute {number!r}.")
    return document(found)


@post("/disputes/{number:str}/messages", status_code=201)
async def say(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostMessage,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Say something about it; the other side is told."""

    async def do() -> Answer:
        by = await speaking(work, viewer)
        await disputing.say(work, by, number, data.text)
        return await _answer(work, by, number, 201)

    return await command(request, work, viewer, do)


@post("/disputes/{number:str}/settlement", status_code=200)
async def settle(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostSettlement,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """End it. The supplier credits (`lines`, an `amount`, or all that is disputed) or rejects it with a reason; the
    buyer withdraws it. `credit_note` names one that was issued for the invoice meanwhile."""

    async def do() -> Answer:
        by = await speaking(work, viewer, settles=data.outcome != "withdrawn")
        await _settle(work, by, number, data)
        return await _answer(work, by, number, 200)

    return await command(request, work, viewer, do)


async def _settle(work: Work, by: Viewer, number: str, data: sent.PostSettlement) -> None:
    credits_something = data.lines or data.amount is not None or data.credit_note is not None
    if data.outcome != "credited" and credits_something:
        raise Unacceptable(
            f"What is {data.outcome} credits nothing.", [Problem("/outcome", "credits nothing")]
        )
    if data.outcome == "rejected":
        await disputing.reject(work, by, number, data.note)
    elif data.outcome == "withdrawn":
        await disputing.withdraw(work, by, number, data.note)
    elif data.credit_note is not None:
        await disputing.settle_by_note(work, by, number, data.credit_note, data.note)
    else:
        settlement = Settlement(
            parts(data.lines), await _amount(work, by, number, data), data.reason, data.note, data.rebill
        )
        await disputing.settle_by_credit(work, by, number, settlement)


async def _amount(work: Work, by: Viewer, number: str, data: sent.PostSettlement) -> Any:
    if data.amount is None:
        return None
    found = await disputes.dispute(work.conn, by, number)
    if found is None:
        raise NotFound(f"There is no dispute {number!r}.")
    return bodies.amount(data.amount, "/amount", found.currency)


async def _answer(work: Work, viewer: Viewer, number: str, status: int) -> Answer:
    await work.close_books()
    found = await disputes.dispute(work.conn, viewer, number)
    assert found is not None
    headers = {"Location": f"/api/v1/disputes/{number}"} if status == 201 else {}
    return Answer(status, document(found), headers)


def document(found: Dispute) -> dict[str, Any]:
    """A dispute as JSON."""
    return {
        **_head(found),
        "version": found.version,
        "settled_by": found.settled_by,
        "credit_note": found.credit_note,
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "name": line.name,
                "unit": line.unit,
                "quantity": text(line.quantity),
                "billed": text(line.billed),
                "credited": text(line.credited),
                "unit_price": money.price(line.unit_price, found.currency),
                "shipment": line.shipment,
                "delivered": text(line.delivered),
            }
            for line in found.lines
        ],
        "messages": [
            {
                "author": said.author,
                "side": "supplier" if said.is_suppliers else "buyer",
                "text": said.text,
                "at": shapes.instant(said.at),
            }
            for said in found.messages
        ],
    }


def _row(row: DisputeRow) -> dict[str, Any]:
    waits_for = None
    if row.state == "open":
        waits_for = "supplier" if row.waits_for_us else "buyer"
    return _head(row) | {"last_at": shapes.instant(row.last_at), "waits_for": waits_for}


def _head(one: Dispute | DisputeRow) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "reason": one.reason,
        "invoice": one.invoice,
        "order": one.order,
        "account": one.account,
        "currency": one.currency,
        "worth": money.text(one.worth, one.currency),
        "opened_by": one.opened_by,
        "opened_at": shapes.instant(one.opened_at),
        "settled_at": shapes.instant(one.settled_at),
    }


router = Router(path="", tags=["Invoices"], route_handlers=[create, list_disputes, read, say, settle])
