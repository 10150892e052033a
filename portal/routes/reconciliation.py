"""An order's money line by line, as a page and as a file."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from portal.clock import utc_now
from portal.db import invoice_list, reconciliations
from portal.domain.reconciling import Reconciliation
from portal.domain.refusals import NotFound
from portal.routes.asking import Asked, asking
from portal.routes.invoices import NEEDS
from portal.routes.spreadsheets import csv_file
from portal.routes.visitor import PageRequest
from portal.views.invoices.reconciliation import drawn, table


@get("/orders/{number:str}/reconciliation", name="order-reconciliation")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What was ordered, has left, was billed, credited and paid of each line."""
    asked = await asking(request, needs=NEEDS)
    found = await _reconciliation(asked, number)
    async with asked.reading() as conn:
        papers = await invoice_list.of_order(conn, asked.viewer, number, utc_now())
    return asked.page(
        "invoices/reconciliation.html",
        section="orders",
        headers={"Cache-Control": "private, no-cache"},
        drawn=drawn(found, papers, asked.tongue, asked.today),
    )


@get("/orders/{number:str}/reconciliation.csv", name="order-reconciliation-file")
async def file(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The same for a spreadsheet."""
    asked = await asking(request, needs=NEEDS)
    found = await _reconciliation(asked, number)
    return csv_file(f"{found.order}-reconciliation.csv", table(found, asked.tongue))


async def _reconciliation(asked: Asked, number: str) -> Reconciliation:
    async with asked.reading() as conn:
        found = await reconciliations.reconciliation(conn, asked.viewer, number)
    if found is None:
        raise NotFound(f"There is no order {number}.")
    return found


router = Router("/", route_handlers=[show, file], opt={"no_compress": True})
