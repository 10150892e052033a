"""What somebody sees on the way through their company's sign-in and back."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response

from portal.db.providers import Way
from portal.pages import Pages
from portal.routes.answers import html
from portal.routes.visitor import PageRequest, locale_of, reader, stranger_token, with_cookies
from portal.views.company_entry import ONLY, words

HERE = "/sign-in/company"


def show(request: PageRequest, template: str, status: int = 200, **values: object) -> Response[Any]:
    """A page for somebody whom we do not know yet."""
    pages: Pages = request.app.state.pages
    token, made = stranger_token(request)
    page = pages.page(
        template, locale=locale_of(request), reader=reader(request, csrf=token, here=HERE), **values
    )
    return with_cookies(html(request, page, status), made)


def address(account: str, following: str = "/") -> str:
    """Where this company's people begin."""
    query = {"next": following} if following != "/" else {}
    return f"{HERE}/{account}{'?' if query else ''}{urlencode(query)}"


def turned_away(request: PageRequest, why: str, company: str, again: str = "") -> Response[Any]:
    """Why nobody came in; `again` is where it may be tried once more."""
    pages: Pages = request.app.state.pages
    said = words(why, company, pages.tongue(locale_of(request)))
    return show(request, "sign_in/turned_away.html", said.status, said=said, again=again, company=company)


def only_by(request: PageRequest, way: Way, following: str) -> Response[Any]:
    """Their password or passkey is right, and their company lets nobody in by it."""
    return turned_away(request, ONLY, way.name, address(way.account, following))
