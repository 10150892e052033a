"""A statement of account: as a page, as a file for a spreadsheet, and on paper."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Response, Router, get

from portal.db import addressees, scopes, statements
from portal.domain.refusals import NotFound, Unacceptable
from portal.domain.statements import Statement
from portal.pages import Pages
from portal.routes.asking import Asked as Asking
from portal.routes.asking import asking
from portal.routes.buying import choose_account, named_account
from portal.routes.documents import Printout, paper_answer, slug
from portal.routes.invoices import NEEDS, section_of
from portal.routes.spreadsheets import csv_answer, csv_text
from portal.routes.visitor import PageRequest
from portal.views.invoices.statement import PATH, Asked, asked, drawn, table
from portal.views.papers.business import languages
from portal.views.papers.statements import statement_paper


@get("/invoices/statement", name="statement")
async def show(request: PageRequest) -> Response[Any]:
    """`account` is whose, of those that one sees; `from` and `to` are days."""
    someone = await asking(request, needs=NEEDS)
    accounts, account = await _accounts(someone)
    if account is None:
        named = named_account(request.query_params.get("account", ""))
        return choose_account(someone, section_of(someone), PATH, named)
    wanted = asked(request.query_params, account, someone.today, someone.tongue)
    found = await _statement(someone, wanted)
    return someone.page(
        "invoices/statement.html",
        section=section_of(someone),
        status=422 if wanted.problems else 200,
        headers={"Cache-Control": "private, no-cache"},
        drawn=drawn(wanted, found, someone.tongue, someone.today),
        accounts=accounts,
        is_supplier=someone.viewer.is_supplier,
    )


@get("/invoices/statement.csv", name="statement-file")
async def file(request: PageRequest) -> Response[Any]:
    """Every entry, with what was open before and after it."""
    someone = await asking(request, needs=NEEDS)
    _, account = await _accounts(someone)
    if account is None:
        return choose_account(someone, section_of(someone), f"{PATH}.csv", "")
    wanted = asked(request.query_params, account, someone.today, someone.tongue)
    found = await _statement(someone, wanted)
    name = quote(f"statement-{account}-{wanted.last}", safe="")
    return csv_answer(f"{name}.csv", csv_text(table(found, someone.tongue)))


@get("/invoices/statement.pdf", name="statement-paper")
async def paper(request: PageRequest) -> Response[Any]:
    """As it is sent, in the languages of the account's documents."""
    someone = await asking(request, needs=NEEDS)
    _, account = await _accounts(someone)
    if account is None:
        return choose_account(someone, section_of(someone), f"{PATH}.pdf", "")
    wanted = asked(request.query_params, account, someone.today, someone.tongue)
    found = await _statement(someone, wanted)
    async with someone.looking_back() as conn:
        to = await addressees.addressee(conn, account)
    pages: Pages = request.app.state.pages
    code, also = languages(to.language, to.party)
    tongue, seller = pages.tongue(code), request.app.state.settings.seller
    name = quote(f"statement-{account}-{wanted.last}", safe="")
    return await paper_answer(
        someone,
        Printout(
            "pdf/statement.html",
            statement_paper(found, seller, to.party, tongue, pages.tongue(also) if also else None),
            tongue,
            kept_as=f"statements/{slug(account)}/{wanted.first}-{wanted.last}",
            file_name=f"{name}.pdf",
        ),
    )


async def _accounts(someone: Asking) -> tuple[Sequence[tuple[str, str]], str | None]:
    """Those to choose from, and the one that was chosen: a buyer's own where none was named, of staff none then."""
    named = named_account(someone.request.query_params.get("account", ""))
    viewer = someone.viewer
    async with someone.looking_back() as conn:
        accounts = await scopes.accounts(conn, viewer, named if viewer.is_supplier and named else None)
    numbers = [number for number, _ in accounts]
    if named in numbers:
        return accounts, named
    if viewer.is_supplier:
        return accounts, None
    if named:
        raise NotFound(f"There is no account {named!r}.")
    return accounts, viewer.account if viewer.account in numbers else numbers[0]


async def _statement(someone: Asking, wanted: Asked) -> Statement:
    """Of days that cannot be read nothing is said."""
    if wanted.problems and not someone.request.url.path.endswith("/statement"):
        raise Unacceptable(next(iter(wanted.problems.values())))
    async with someone.looking_back() as conn:
        found = await statements.statement(conn, wanted.account, wanted.first, wanted.last)
    assert found is not None
    return found


router = Router("/", route_handlers=[show, file, paper], opt={"no_compress": True})
