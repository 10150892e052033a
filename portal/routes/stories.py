"""The story player of the demo. In production these addresses do not exist: nobody asks for this router there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from portal import clock, stories
from portal.clock import utc_now
from portal.db import plays
from portal.db.plays import Play
from portal.domain.access import Viewer
from portal.filters import Tongue
from portal.pages import Pages, Reader
from portal.routes.answers import FRAMES, html
from portal.routes.asking import asking
from portal.routes.visitor import (
    PageRequest,
    SignedOut,
    csrf_of,
    locale_of,
    ours,
    reader,
    signed_in,
    stranger_token,
    with_cookies,
)
from portal.seed import cast
from portal.settings import Settings
from portal.stories import playing
from portal.stories.story import Story
from portal.views import stories as views

LARGEST_FORM = 4 * 1024


@dataclass(frozen=True, slots=True)
class Looker:
    """Whoever looks: one of the cast, or a stranger who is about to choose one."""

    viewer: Viewer | None
    reader: Reader
    locale: str
    made: Cookie | None = None


@get("/demo", name="stories")
async def index(request: PageRequest) -> Response[Any]:
    """All stories, and who may watch them."""
    looker = await _looker(request)
    tongue = _tongue(request, looker)
    async with request.app.state.pool.acquire() as conn:
        played = await plays.latest_of_each(conn)
        found = await plays.faces(conn, cast.users())
    return _page(
        request,
        looker,
        "stories/index.html",
        cards=views.cards(stories.STORIES, played, tongue),
        clock=views.clock(utc_now(), clock.ahead(), tongue),
        faces=views.faces(found, looker.viewer, tongue),
        password=cast.PASSWORD,
    )


@get("/demo/{story:str}", name="story")
async def show(story: FromPath[str], request: PageRequest) -> Response[Any]:
    """One story: its steps, and the order's page beside them."""
    told = stories.find(story)
    looker = await _looker(request)
    tongue = _tongue(request, looker)
    async with request.app.state.pool.acquire() as conn:
        play = await plays.latest(conn, told.name)
        found = await plays.faces(conn, cast.users())
        seen = await plays.seen(conn, looker.viewer, _orders(told, play)) if looker.viewer else []
    later = playing.shift(told, play, ZoneInfo(_settings(request).supplier_time_zone))
    steps = views.lines(told, play, later, tongue)
    return _page(
        request,
        looker,
        "stories/show.html",
        card=views.cards([told], {told.name: play} if play else {}, tongue)[0],
        play=play,
        steps=steps,
        said=steps[play.step - 1].sentence if play and play.step else "",
        is_over=play is not None and play.step >= len(steps),
        is_late=views.is_late(told, play, later, utc_now(), tongue),
        is_ordered=bool(_orders(told, play)),
        clock=views.clock(utc_now(), clock.ahead(), tongue),
        watched=views.watched(told, seen, request.query_params.get("order", "")),
        faces=views.faces(found, looker.viewer, tongue),
        password=cast.PASSWORD,
    )


@post("/demo/{story:str}/plays", name="story-begin")
async def begin(story: FromPath[str], request: PageRequest) -> Response[Any]:
    """Begin, or begin anew: the stage is set. Asked twice from one page, it begins once."""
    told, state = stories.find(story), request.app.state
    after = _number((await request.form()).get("after"))
    if after is not None and await playing.begin(state.pool, told, after):
        async with state.pool.acquire() as conn:
            new = await plays.latest(conn, told.name)
        if new is not None:
            await playing.play(state.pool, state.settings, told, new, 0)
    return Redirect(f"/demo/{told.name}", status_code=303)


@post("/demo/{story:str}/steps", name="story-step")
async def step(story: FromPath[str], request: PageRequest) -> Response[Any]:
    """Play the step that the page showed as the next one. If it was played meanwhile, the page just shows it."""
    told, state = stories.find(story), request.app.state
    form = await request.form()
    async with state.pool.acquire() as conn:
        play = await plays.latest(conn, told.name)
    at = _number(form.get("step"))
    if play is not None and at is not None and _number(form.get("play")) == play.id:
        await playing.play(state.pool, state.settings, told, play, at)
    return Redirect(f"/demo/{told.name}", status_code=303)


@post("/demo/real-time", name="story-clock")
async def real_time(request: PageRequest) -> Response[Any]:
    """The demo's clock shows again what it is."""
    await playing.to_real_time(request.app.state.pool)
    name = str((await request.form()).get("story", ""))
    known = name in {told.name for told in stories.STORIES}
    return Redirect(f"/demo/{name}" if known else "/demo", status_code=303)


def _orders(told: Story, play: Play | None) -> Sequence[str]:
    """The numbers of the orders that the story shows, as far as they were placed."""
    known = play.known if play else {}
    return [known[name] for name in told.watching if name in known]


async def _looker(request: PageRequest) -> Looker:
    try:
        asked = await asking(request)
    except SignedOut:
        token, made = stranger_token(request)
        return Looker(None, reader(request, csrf=token), locale_of(request), made)
    viewer = asked.viewer
    frame = reader(
        request,
        name=viewer.name,
        company=asked.company,
        csrf=csrf_of(request),
        may=viewer.permissions,
        is_supplier=viewer.is_supplier,
    )
    return Looker(viewer, frame, viewer.locale)


def _page(request: PageRequest, looker: Looker, template: str, **values: object) -> Response[Any]:
    pages: Pages = request.app.state.pages
    text = pages.page(
        template,
        locale=looker.locale,
        reader=looker.reader,
        viewer=looker.viewer,
        section="stories",
        **values,
    )
    return with_cookies(html(request, text, headers={"Content-Security-Policy": FRAMES}), looker.made)


def _tongue(request: PageRequest, looker: Looker) -> Tongue:
    pages: Pages = request.app.state.pages
    return pages.tongue(looker.locale)


def _settings(request: PageRequest) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _number(text: object) -> int | None:
    return (
        int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16 else None
    )


router = Router(
    "/",
    route_handlers=[
        index,
        show,
        Router("/", route_handlers=[begin, step, real_time], guards=[signed_in, ours]),
    ],
    include_in_schema=False,
    request_max_body_size=LARGEST_FORM,
)
