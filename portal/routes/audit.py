"""The audit log: who decided what and on what, as a list, one by one, and as files to keep."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from portal.db import audit_trail, scopes
from portal.db.audit_trail import Wanted
from portal.db.work import Connection
from portal.domain.refusals import NotFound
from portal.operations.checking import chain_in
from portal.routes.asking import Asked as Asking
from portal.routes.asking import asking
from portal.routes.buying import choose_account, named_account
from portal.routes.documents import Printout, answer_pdf, letterhead
from portal.routes.spreadsheets import csv_answer, csv_text
from portal.routes.visitor import PageRequest
from portal.views.audit.asked import Asked, asked
from portal.views.audit.audit import PER_PAGE, rows, shown, standing, table
from portal.views.audit.words import done
from portal.views.papers.audit import MOST_ON_PAPER, audit_paper

SECTION = "audit"
NEEDS = "audit:read"
# From so many entries on a file is written beside the requests of others.
MANY = 1_000
Companies = Sequence[tuple[str, str]]


@get("/audit", name="audit")
async def index(request: PageRequest) -> Response[Any]:
    """The newest entries first; with `?check` the whole chain is hashed again."""
    someone = await asking(request, needs=NEEDS)
    wanted = asked(request.query_params, someone.tongue)
    async with someone.looking_back() as conn:
        companies, mine = await _companies(conn, someone, wanted)
        if not companies and someone.viewer.is_supplier:
            return _choose(someone, wanted)
        numbers = [number for number, _ in companies]
        known = await audit_trail.actions(conn, numbers)
        found = []
        if not wanted.problems:
            found = await audit_trail.listed(
                conn, _wanted(request, wanted, companies), limit=PER_PAGE + 1, before=wanted.before
            )
    tongue = someone.tongue
    return someone.page(
        "audit/index.html",
        section=SECTION,
        status=422 if wanted.problems else 200,
        headers={"Cache-Control": "private, no-cache"},
        asked=wanted,
        companies=mine,
        actions=sorted((done(action, tongue), action) for action in known),
        rows=rows(found[:PER_PAGE], tongue, someone.today),
        older=wanted.href(before=found[PER_PAGE - 1].id) if len(found) > PER_PAGE else None,
        check=await _check(someone, numbers) if wanted.is_checking else None,
    )


@get("/audit.csv", name="audit-file")
async def file(request: PageRequest) -> Response[Any]:
    """All of them for a spreadsheet, with what was hashed."""
    someone = await asking(request, needs=NEEDS)
    wanted = asked(request.query_params, someone.tongue)
    async with someone.looking_back() as conn:
        companies, _ = await _companies(conn, someone, wanted)
        if not companies and someone.viewer.is_supplier:
            return _choose(someone, wanted)
        found = await audit_trail.listed(conn, _wanted(request, wanted, companies), limit=None)
    lines = table(found, someone.tongue)
    body = await asyncio.to_thread(csv_text, lines) if len(found) > MANY else csv_text(lines)
    return csv_answer(f"audit-{someone.today}.csv", body)


@get("/audit.pdf", name="audit-paper")
async def paper(request: PageRequest) -> Response[Any]:
    """The newest of them on paper, each with its hash."""
    someone = await asking(request, needs=NEEDS)
    wanted = asked(request.query_params, someone.tongue)
    async with someone.looking_back() as conn:
        companies, _ = await _companies(conn, someone, wanted)
        if not companies and someone.viewer.is_supplier:
            return _choose(someone, wanted)
        needed = _wanted(request, wanted, companies)
        found = await audit_trail.listed(conn, needed, limit=MOST_ON_PAPER)
        of = await audit_trail.count(conn, needed)
    days = (wanted.first, wanted.last)
    sheet = audit_paper(found, of, companies, days, someone.tongue, letterhead(request))
    return await answer_pdf(
        request,
        Printout(
            "pdf/audit.html",
            sheet,
            someone.tongue,
            kept_as=f"audit/{someone.viewer.person_id}",
            file_name=f"audit-{someone.today}.pdf",
        ),
    )


@get("/audit/{account:str}/{sequence:str}", name="audit-entry")
async def show(account: FromPath[str], sequence: FromPath[str], request: PageRequest) -> Response[Any]:
    """One entry with all that it was decided on, and the hashes that tie it to its neighbours."""
    someone = await asking(request, needs=NEEDS)
    number = int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 19 else 0
    async with someone.looking_back() as conn:
        entry = await audit_trail.entry(conn, account, number) if someone.viewer.sees(account) else None
        if entry is None:
            raise NotFound(f"There is no entry {sequence} of account {account}.")
        before = await audit_trail.entry(conn, account, number - 1)
        after = await audit_trail.entry(conn, account, number + 1)
    return someone.page(
        "audit/show.html",
        section=SECTION,
        headers={"Cache-Control": "private, no-cache"},
        shown=shown(entry, before, after is not None, someone.tongue, someone.today),
    )


async def _companies(conn: Connection, someone: Asking, wanted: Asked) -> tuple[Companies, Companies]:
    """The accounts that were chosen, and all that there are to choose from."""
    account = named_account(wanted.typed["account"])
    chosen = await scopes.accounts(conn, someone.viewer, account or None)
    if someone.viewer.is_supplier or not account:
        return chosen, chosen
    return chosen, await scopes.accounts(conn, someone.viewer, None)


def _choose(someone: Asking, wanted: Asked) -> Response[bytes]:
    return choose_account(someone, SECTION, "/audit", named_account(wanted.typed["account"]))


def _wanted(request: PageRequest, wanted: Asked, companies: Companies) -> Wanted:
    return Wanted(
        [number for number, _ in companies],
        request.app.state.settings.supplier_time_zone,
        wanted.value("action"),
        wanted.value("subject"),
        wanted.value("who"),
        wanted.first,
        wanted.last,
    )


async def _check(someone: Asking, accounts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """How the chains stand: a sentence, and one for each thing that is wrong."""
    broken: list[str] = []
    entries = 0
    for account in accounts:
        async with someone.snapshot() as conn:
            found, (counted, _) = await chain_in(conn, account)
        broken += found
        entries += counted
    return standing(broken, entries, someone.tongue), broken


router = Router("/", route_handlers=[index, file, paper, show], opt={"no_compress": True})
