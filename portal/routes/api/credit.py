"""What an account may still order on credit, and the ledger of what it owes."""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from portal.db import ledger
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.credit import Exposure
from portal.domain.credit_words import problem_text, state_of
from portal.domain.refusals import NotFound
from portal.operations.owing import Credit, Owing, owing
from portal.routes.api import shapes
from portal.routes.api.orders import read_cursor, write_cursor
from portal.routes.heard import hear

# No ledger is longer: what a forged cursor holds may be any number.
FURTHEST = 2**62


@get("/accounts/{number:str}/credit")
async def read(
    request: Request[Any, Any, Any],
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> dict[str, Any]:
    """What the account may still order on credit, gross of tax. The ERP is asked where it is the one that knows;
    `source` says what the figures rest on, `problem` why it is not the ERP's answer of now."""
    heard = await hear(request.app.state, number) if viewer.sees(number) else None
    # What others of the company owe counts against a limit that they share, whether one may see their orders or not.
    async with Work(work.pool) as unscoped:
        found = await owing(unscoped.conn, number, heard, work.now) if viewer.sees(number) else None
        if found is None:
            raise NotFound(f"There is no account {number!r}.")
    return document(found, shapes.instant(work.now) or "")


def document(credit: Credit, now: str) -> dict[str, Any]:
    """Without a limit any amount may be ordered; where nobody knows the limit now, `problem` says so."""
    own = _owing(credit.own, now)
    own["available"] = _text(credit.available, credit.own.currency)
    own["exposure"] = _exposure(credit.own.exposure, credit.own.currency)
    group = [_owing(lender, now) | {"account": lender.account} for lender in credit.lenders]
    return own | {"currency": credit.own.currency, "group": group}


def _owing(owing: Owing, now: str) -> dict[str, Any]:
    seen = owing.seen
    problem = None
    if seen.problem is not None:
        problem = {"code": seen.problem, "title": problem_text(seen.problem), "detail": state_of(seen)}
    return {
        "limit": _text(seen.limit, owing.currency),
        "exposure": _text(owing.exposure.total, owing.currency),
        "available": _text(owing.left, owing.currency),
        "hold": seen.hold,
        "as_of": now if owing.source == "portal" else shapes.instant(seen.as_of),
        "source": seen.basis,
        "problem": problem,
    }


def _text(amount: Any, currency: str) -> str | None:
    return money.text(amount, currency) if amount is not None else None


def _exposure(exposure: Exposure, currency: str) -> dict[str, str]:
    kinds = ("open_orders", "shipped_not_invoiced", "invoiced_unpaid")
    return {kind: money.text(getattr(exposure, kind), currency) for kind in kinds}


@get("/accounts/{number:str}/credit/ledger", opt={"query": ("limit", "cursor")})
async def read_ledger(
    number: FromPath[str],
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
    cursor: Annotated[str | None, QueryParameter(max_length=200)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Every change of what the account's own orders and the ERP's figures count for, the latest first. `because` is the
    type of the event that brought it about; `balance` is what was owed after it."""
    before = min(max(read_cursor(cursor) or 0, 0), FURTHEST) or None
    async with work:
        currency = await work.conn.fetchval("select currency from account where number = $1", number)
        if currency is None or not viewer.sees(number):
            raise NotFound(f"There is no account {number!r}.")
        found, following = await ledger.page(work.conn, number, before, limit)
    return {"items": [_entry(entry, currency) for entry in found], "next": write_cursor(following)}


def _entry(entry: ledger.Entry, currency: str) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "at": shapes.instant(entry.at),
        "because": entry.because,
        "order": entry.order,
        "currency": currency,
        **_exposure(entry.change, currency),
        "balance": money.text(entry.balance, currency),
    }


router = Router(path="", tags=["Master data"], route_handlers=[read, read_ledger])
