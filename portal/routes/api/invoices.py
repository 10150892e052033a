"""Invoices and credit notes through the API: listing, reading, their files, billing, correcting; what an order
reconciles to, and statements of account."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.db import invoice_list, invoices, orders, reconciliations, statements
from portal.db.documents import ENDINGS
from portal.db.invoice_list import Asked
from portal.db.invoices import Invoice
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Malformed, NotFound, Problem
from portal.operations import billing, crediting_notes
from portal.operations.crediting_notes import Credit
from portal.routes.api import bodies, invoice_shapes
from portal.routes.api import invoice_bodies as sent
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.orders import Cursor, Limit, is_known, parts, read_cursor, write_cursor
from portal.routes.files import file_answer

ApiRequest = Request[Any, Any, Any]
BILL: dict[str, Any] = {NEEDS: "invoices:write"}
State = Literal["open", "paid", "overdue", "credited"]
Kind = Literal["invoice", "credit_note"]
# `state` is a word of the framework's; the address says it all the same.
InvoiceState = Annotated[State | None, QueryParameter(name="state")]
Day = Annotated[date | None, QueryParameter()]
First = Annotated[date | None, QueryParameter(name="from")]
Last = Annotated[date | None, QueryParameter(name="to")]
# No list is longer: what a forged cursor holds may be any number.
FURTHEST = 2**62
STATEMENT_DAYS = timedelta(days=90)
FILTERS = ("account", "order", "state", "kind", "q", "issued_from", "issued_to", "due_to", "limit", "cursor")


@get("/invoices", opt={"query": FILTERS})
async def list_invoices(
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    account: FromQuery[str | None] = None,
    order: FromQuery[str | None] = None,
    invoice_state: InvoiceState = None,
    kind: FromQuery[Kind | None] = None,
    q: FromQuery[str | None] = None,
    issued_from: Day = None,
    issued_to: Day = None,
    due_to: Day = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Invoices and credit notes within the token's scope, newest first, without their lines. `q` is the beginning of a
    number: of the invoice, order, purchase order, shipment, or SKU."""
    asked = Asked(
        account=account, order=order, state=invoice_state, kind=kind, q=q, issued_from=issued_from,
        issued_to=issued_to, due_to=due_to,
    )  # fmt: skip
    key = read_cursor(cursor)
    before = min(max(key, 0), FURTHEST) if key is not None else None
    async with work:
        found, following = await invoice_list.search(
            work.conn, viewer, asked, work.now, before=before, limit=limit
        )
    return {"items": [invoice_shapes.listed(row) for row in found], "next": write_cursor(following)}


@get("/invoices/{number:str}")
async def read(
    request: ApiRequest, number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> Response[Any]:
    """An invoice or credit note: what its paper says, and what became of it. With `.pdf`, `.xml` or `.ubl` behind its
    number it is the file."""
    bare, _, ending = number.rpartition(".")
    for kind, known_ending in ENDINGS.items():
        if bare and ending == known_ending:
            return await file_answer(request, viewer, bare, kind)
    async with work:
        value = await find(work, viewer, number)
    headers = {"ETag": tag(value), "Cache-Control": "private, no-cache"}
    if is_known(request, tag(value).strip('"')):
        return Response(None, status_code=304, headers=headers)
    return Response(invoice_shapes.invoice(value), headers=headers)


def tag(value: Invoice) -> str:
    """What changes of an invoice: its own version, the day on which it is overdue, and its files."""
    return f'"{value.version}-{value.state}-{value.files.state if value.files else "none"}"'


async def find(work: Work, viewer: Viewer, number: str) -> Invoice:
    value = await invoices.get(work.conn, viewer, number, work.now)
    if value is None:
        raise NotFound(f"There is no invoice {number!r}.")
    return value


@post("/orders/{number:str}/invoices", opt=BILL, status_code=201)
async def bill(
    request: ApiRequest,
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    data: sent.PostBilling | None = None,  # noqa: ARG001 -- read so that an unknown field is refused
) -> Response[bytes]:
    """Bill what is billable of the order now, without waiting for its period. The answer is the invoice; where there is
    one for each shipment, the first, and `issued` names all."""

    async def do() -> Answer:
        issued = await billing.bill_now(work, viewer, number)
        await work.close_books()
        first = await find(work, viewer, issued[0])
        order = await orders.find(work.conn, viewer, number)
        assert order is not None
        headers = {"ETag": f'"{order[1]}"', "Location": f"/api/v1/invoices/{first.number}"}
        return Answer(201, invoice_shapes.invoice(first) | {"issued": issued}, headers, order[1])

    return await command(request, work, viewer, do, order=number)


@post("/invoices/{number:str}/credit-notes", opt=BILL, status_code=201)
async def credit(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostCreditNote,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Correct an invoice by quantities of its lines, or by an amount gross of tax. Goods that stay with the buyer are
    not billed again, unless `rebill` says so."""
    what = _credit(data)

    async def do() -> Answer:
        issued = await crediting_notes.credit(work, viewer, number, what)
        await work.close_books()
        note = await find(work, viewer, issued)
        return Answer(201, invoice_shapes.invoice(note), {"Location": f"/api/v1/invoices/{issued}"})

    return await command(request, work, viewer, do)


def _credit(data: sent.PostCreditNote) -> Credit:
    amount = bodies.amount(data.amount, "/amount") if data.amount is not None else None
    return Credit(data.reason, parts(data.lines), amount, data.rebill)


@get("/orders/{number:str}/reconciliation")
async def reconcile(
    number: FromPath[str], work: NamedDependency[Work], viewer: NamedDependency[Viewer]
) -> dict[str, Any]:
    """For the order and each line: ordered, shipped, delivered, returned, invoiced, credited, paid, outstanding."""
    async with work:
        value = await reconciliations.reconciliation(work.conn, viewer, number)
        if value is None:
            raise NotFound(f"There is no order {number!r}.")
        issued = await invoice_list.of_order(work.conn, viewer, number, work.now)
    return invoice_shapes.reconciliation(value, issued)


@get("/accounts/{number:str}/statement", opt={"query": ("from", "to")})
async def state(
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    first: First = None,
    last: Last = None,
) -> dict[str, Any]:
    """What was billed, credited and paid between two days, both included, and what is open at their end. Left out they
    are the last 90 days."""
    async with work:
        last = last or await invoices.today(work.conn, work.now)
        first = first or last - min(STATEMENT_DAYS, last - date.min)
        if first > last:
            raise Malformed("The first day is after the last.", [Problem("/from", "is after the last day")])
        found = await statements.statement(work.conn, number, first, last) if viewer.sees(number) else None
    if found is None:
        raise NotFound(f"There is no account {number!r}.")
    return invoice_shapes.statement(found)


router = Router(
    path="", tags=["Invoices"], route_handlers=[list_invoices, read, bill, credit, reconcile, state]
)
