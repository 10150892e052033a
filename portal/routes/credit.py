"""An account's credit: what is free, what counts against it, what waits, what frees up when, and the ledger."""

import asyncio
from typing import Any

from litestar import Response, Router, get

from portal.clock import utc_now
from portal.db import ledger
from portal.db.work import Connection
from portal.domain.refusals import NotFound
from portal.operations.owing import Credit, owing
from portal.routes.asking import Asked, asking
from portal.routes.buying import Scope, choose_account, named_account, scope
from portal.routes.heard import hear
from portal.routes.spreadsheets import csv_answer, csv_text
from portal.routes.visitor import PageRequest
from portal.views.credit.credit import Drawn
from portal.views.credit.curve import curve
from portal.views.credit.ledger import rows, table

SECTION = "credit"
NEEDS = "credit:read"
PER_PAGE = 50
MOST_WAITING = 50
# From so many entries on a file is written beside the requests of others.
MANY = 1_000


@get("/credit", name="credit")
async def show(request: PageRequest) -> Response[Any]:
    """`account` is whose, of those that one sees; `before` pages through the ledger."""
    asked = await asking(request, needs=NEEDS)
    named = named_account(request.query_params.get("account", ""))
    whose = await _whose(asked, named)
    if whose is None:
        return choose_account(asked, SECTION, "/credit", named)
    number = _number(asked, whose, named)
    heard = await hear(request.app.state, number)
    before = _before(request)
    # What others of the company owe counts against a limit that they share, whether one may see their orders or not.
    async with asked.unscoped() as conn:
        credit = await _credit(conn, number, heard)
    async with asked.reading() as conn:
        entries, following = await ledger.page(conn, number, before, PER_PAGE)
        terms = await ledger.terms(conn, number)
        dues = await ledger.due(conn, number, terms, asked.today)
        waiting = await ledger.waiting(conn, number, MOST_WAITING)
    currency = credit.own.currency
    drawn = Drawn(credit, asked.tongue, asked.today)
    return asked.page(
        "credit/show.html",
        section=SECTION,
        headers={"Cache-Control": "private, no-cache"},
        number=number,
        account=number if asked.viewer.is_supplier else named,
        accounts=whose.accounts,
        drawn=drawn,
        waiting=drawn.stopped(waiting, currency),
        curve=curve(credit.own, dues, terms, asked.tongue, asked.today),
        entries=rows(entries, currency, asked.tongue, asked.today),
        following=following,
        is_first=before is None,
    )


@get("/credit/ledger.csv", name="credit-ledger")
async def file(request: PageRequest) -> Response[Any]:
    """The whole ledger, the first entry first, for a spreadsheet."""
    asked = await asking(request, needs=NEEDS)
    named = named_account(request.query_params.get("account", ""))
    whose = await _whose(asked, named)
    if whose is None:
        return choose_account(asked, SECTION, "/credit/ledger.csv", named)
    number = _number(asked, whose, named)
    async with asked.snapshot() as conn:
        currency = await conn.fetchval("select currency from account where number = $1", number)
        found = [entry async for entry in ledger.whole(conn, number)]
    lines = table(found, currency, asked.tongue)
    body = await asyncio.to_thread(csv_text, lines) if len(found) > MANY else csv_text(lines)
    return csv_answer(f"credit-{number}-{asked.today}.csv".replace("/", "-").replace('"', ""), body)


async def _whose(asked: Asked, named: str) -> Scope | None:
    async with asked.reading() as conn:
        return await scope(conn, asked.viewer, named)


def _number(asked: Asked, whose: Scope, named: str) -> str:
    """The account that was named, else one's own."""
    mine = [number for number, _ in whose.accounts]
    if named:
        if named not in mine:
            raise NotFound(f"There is no account {named!r}.")
        return named
    return asked.viewer.account if asked.viewer.account in mine else mine[0]


async def _credit(conn: Connection, number: str, heard: Any) -> Credit:
    found = await owing(conn, number, heard, utc_now())
    assert found is not None
    return found


def _before(request: PageRequest) -> int | None:
    raw = request.query_params.get("before", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None


router = Router("/", route_handlers=[show, file], opt={"no_compress": True})
