"""No more mail of a kind, by the link that stands in each: with one click from a mail program, or from a page.

Nobody is signed in here, and no form of ours is asked for: the link says who and what, and can do nothing else
(RFC 8058). Looking at the page stops nothing, because mail programs look at links.
"""

from typing import Any, cast

from litestar import Response, Router, get, post
from litestar.params import FromPath

from portal import stop_links
from portal.db import choices
from portal.db.choices import Addressee
from portal.db.patience import patiently
from portal.db.work import Connection, Work
from portal.operations import choosing
from portal.pages import Pages
from portal.routes.answers import html
from portal.routes.visitor import (
    PageRequest,
    locale_of,
    maybe_signed_in,
    reader,
    stranger_token,
    with_cookies,
)
from portal.views.settings import notifications as views

# The address is a key: no other page is to learn it.
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@get("/unsubscribe/{token:str}", name="unsubscribe")
async def show(token: FromPath[str], request: PageRequest) -> Response[Any]:
    """What stops, what stays, and one button."""
    said = stop_links.read(request.app.state.settings.secret_key, token)
    person = await _person(request, said[0]) if said else None
    if said is None or person is None:
        return _page(request, None, 404)
    return _page(request, await _shown(request, person, said[1]))


@post("/unsubscribe/{token:str}", name="unsubscribe-stop")
async def stop(token: FromPath[str], request: PageRequest) -> Response[Any]:
    """It stops, however often this is asked."""
    said = stop_links.read(request.app.state.settings.secret_key, token)
    person = await _person(request, said[0]) if said else None
    if said is None or person is None:
        return _page(request, None, 404)

    async def attempt() -> None:
        work = Work(request.app.state.pool, actor=person.email)
        async with work:
            await choosing.stop(work, person.id, said[1])

    await patiently(attempt)
    return _page(request, {**await _shown(request, person, said[1]), "is_done": True})


async def _person(request: PageRequest, person_id: int) -> Addressee | None:
    async with request.app.state.pool.acquire() as acquired:
        return await choices.addressee(cast("Connection", acquired), person_id)


async def _shown(request: PageRequest, person: Addressee, kinds: tuple[str, ...]) -> dict[str, Any]:
    async with request.app.state.pool.acquire() as acquired:
        chosen = await choices.chosen(cast("Connection", acquired), person.id)
    tongue = _pages(request).tongue(person.locale)
    return {
        "locale": person.locale,
        "email": person.email,
        "stops": views.words_of(kinds, tongue),
        "stays": views.still_on(kinds, person.roles, chosen, tongue),
        "is_done": False,
    }


def _page(request: PageRequest, shown: dict[str, Any] | None, status: int = 200) -> Response[Any]:
    csrf, made = stranger_token(request)
    values = {
        "locale": locale_of(request),
        "email": "",
        "stops": [],
        "stays": [],
        "is_done": False,
        **(shown or {}),
    }
    text = _pages(request).page(
        "settings/unsubscribe.html",
        reader=reader(request, csrf=csrf, here="/settings/notifications"),
        is_known=shown is not None,
        **values,
    )
    return with_cookies(html(request, text, status, PRIVATE), made)


def _pages(request: PageRequest) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


router = Router("/", route_handlers=[show, stop], guards=[maybe_signed_in])
