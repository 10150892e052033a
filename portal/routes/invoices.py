"""What was billed: the list of invoices, one of them with what became of it, and their files."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from portal.clock import utc_now
from portal.db import invoice_list, invoices, scopes
from portal.db.documents import Kind
from portal.db.invoices import Invoice
from portal.domain.refusals import NotFound
from portal.routes.asking import Asked as Asking
from portal.routes.asking import asking
from portal.routes.files import file_page
from portal.routes.once import new_form
from portal.routes.spreadsheets import csv_answer, csv_text
from portal.routes.visitor import PageRequest
from portal.views.invoices import listing as lists
from portal.views.invoices.asked import Asked
from portal.views.invoices.lines import lines
from portal.views.invoices.listing import PER_PAGE, Eyes, listing
from portal.views.invoices.page import page

SECTION = "invoices"
NEEDS = "invoices:read"
# A file of more rows is for the API.
MOST_IN_A_FILE = 20_000
# From so many rows on a file is written beside the requests of others.
MANY = 1_000
# By the end of the address.
KINDS: dict[str, Kind] = {"document.pdf": "pdf", "document.xml": "cii", "document.ubl": "ubl"}


@get("/invoices", name="invoices")
async def index(request: PageRequest) -> Response[Any]:
    """Search by any number, by tab, by day; all of it in the address."""
    someone = await asking(request, needs=NEEDS)
    wanted = Asked.read(request.query_params)
    viewer, now = someone.viewer, utc_now()
    async with someone.looking_back() as conn:
        accounts = [] if viewer.is_supplier else await scopes.accounts(conn, viewer, None)
        found, before = await invoice_list.search(
            conn, viewer, wanted.search, now, before=wanted.before, limit=PER_PAGE
        )
        everything = await invoice_list.totals(conn, viewer, wanted.scope, now)
        is_all = wanted.search == wanted.scope
        shown = everything if is_all else await invoice_list.totals(conn, viewer, wanted.search, now)
    eyes = _eyes(someone, accounts)
    return someone.page(
        "invoices/index.html",
        section=section_of(someone),
        headers={"Cache-Control": "private, no-cache"},
        is_index=not viewer.is_supplier,
        listing=listing(eyes, wanted, found, before, everything, shown),
        is_supplier=viewer.is_supplier,
        form_id=new_form(),
    )


@get("/invoices.csv", name="invoices-file")
async def file(request: PageRequest) -> Response[Any]:
    """All that the list has, for a spreadsheet."""
    someone = await asking(request, needs=NEEDS)
    wanted = Asked.read(request.query_params)
    async with someone.looking_back() as conn:
        found, _ = await invoice_list.search(
            conn, someone.viewer, wanted.search, utc_now(), limit=MOST_IN_A_FILE
        )
    rows = lists.table(found, _eyes(someone, ()))
    body = await asyncio.to_thread(csv_text, rows) if len(found) > MANY else csv_text(rows)
    return csv_answer(f"invoices-{someone.today}.csv", body)


@get("/invoices/{number:str}", name="invoice")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What it bills, what it comes to, what was paid; `lines=all` shows every line."""
    someone = await asking(request, needs=NEEDS)
    invoice = await _invoice(someone, number)
    return someone.page(
        "invoices/show.html",
        section=section_of(someone),
        headers={"Cache-Control": "private, no-cache"},
        page=page(
            invoice,
            someone.tongue,
            someone.today,
            shows_all=request.query_params.get("lines") == "all",
            is_supplier=someone.viewer.is_supplier,
        ),
        may_dispute=someone.viewer.may("invoices:dispute", invoice.account),
    )


@get("/invoices/{number:str}/lines.csv", name="invoice-lines")
async def lines_file(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Its lines, for a spreadsheet."""
    someone = await asking(request, needs=NEEDS)
    invoice = await _invoice(someone, number)
    rows = lines(invoice, someone.tongue)
    body = await asyncio.to_thread(csv_text, rows) if len(invoice.paper.lines) > MANY else csv_text(rows)
    return csv_answer(f"{invoice.number}-lines.csv", body)


@get([f"/invoices/{{number:str}}/{end}" for end in KINDS], name="invoice-document")
async def document(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The file as it was made when the invoice was issued."""
    someone = await asking(request, needs=NEEDS)
    return await file_page(someone, number, KINDS[request.url.path.rpartition("/")[2]])


async def numbers_of(someone: Asking, said: Mapping[str, str], most: int) -> list[str]:
    """The invoices that a list with these fields of its address shows on all its pages, at most so many."""
    wanted = Asked.read(said)
    async with someone.reading() as conn:
        found, _ = await invoice_list.search(conn, someone.viewer, wanted.search, utc_now(), limit=most)
    return [one.number for one in found]


def section_of(someone: Asking) -> str:
    """Where the page stands in the frame: the supplier's people come from finance."""
    return "finance" if someone.viewer.is_supplier else SECTION


async def _invoice(someone: Asking, number: str) -> Invoice:
    async with someone.reading() as conn:
        found = await invoices.get(conn, someone.viewer, number, utc_now())
    if found is None:
        raise NotFound(f"There is no invoice {number}.")
    return found


def _eyes(someone: Asking, accounts: Sequence[tuple[str, str]]) -> Eyes:
    return Eyes(someone.tongue, someone.today, accounts, someone.viewer.is_supplier)


router = Router("/", route_handlers=[index, file, show, lines_file, document], opt={"no_compress": True})
