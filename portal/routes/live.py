"""The live stream of an order's page: what differs from the version that the page shows."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Stream
from markupsafe import Markup, escape

from portal.adapters.live import HELLO, Hub, Look, Messages, Watcher
from portal.clock import utc_now
from portal.db.behind import Behind
from portal.db.glance import Watching, glance, permitted
from portal.db.scoped import Readers
from portal.domain.news import SPOKEN, news
from portal.domain.refusals import NotFound
from portal.routes import looking as looks
from portal.routes.impersonated import DrawnForAnother, Names, admit
from portal.routes.visitor import PageRequest, SignedOut, recognise
from portal.views.order.drawing import Drawn, arrangement
from portal.views.order.timeline import since_version
from portal.views.order.wanted import Wanted

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@get("/orders/{number:str}/live", name="order-live")
async def live(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Server-sent events; each is named by the order's version, so that a client can say what it has."""
    session = await recognise(request)
    pool = request.app.state.pool
    seen = await glance(pool, session.person_id, number, session.key)
    if seen is None or seen.epoch != session.epoch:
        raise SignedOut
    await admit(request, pool, seen.behind, Names(seen.email, seen.account))
    acting = seen.behind.id
    if (_number(request.query_params.get("as")) or 0) != acting:
        # The page was drawn for somebody else's eyes: the script loads it anew.
        raise DrawnForAnother("This page was drawn for somebody else.")
    if seen.order_id is None or seen.version is None:
        raise NotFound(f"There is no order {number}.")
    tongue = request.app.state.pages.tongue(seen.locale)
    look = looks.Look(
        number,
        Wanted.read(request.query_params),
        seen.locale,
        tongue.on(utc_now()),
        _number(request.query_params.get("read")) or 0,
        seen.is_supplier,
        seen.may_offer,
        seen.sees_approvals,
        seen.may_return,
    )
    watcher = Watcher(seen.order_id, look, session.person_id, session.epoch, session.key, acting)
    has = _number(request.headers.get("last-event-id")) or _number(request.query_params.get("v")) or 0
    # A version from the future would leave its client without news for ever.
    since = has if has <= seen.version else 0
    stream = _messages(request.app.state.hub, watcher, since, _seconds_left(seen.behind))
    return Stream(stream, media_type="text/event-stream", headers=HEADERS)


async def _messages(hub: Hub, watcher: Watcher, since: int, longest: float | None) -> AsyncIterator[bytes]:
    end = None if longest is None else asyncio.get_running_loop().call_later(longest, watcher.close)
    try:
        with hub.watching(watcher):
            yield HELLO
            if not await hub.synchronise(watcher, since):
                return
            while (message := await watcher.get()) is not None:
                yield message
    finally:
        if end is not None:
            end.cancel()


def _seconds_left(behind: Behind) -> float | None:
    """How long somebody else may still watch."""
    acting = behind.impersonator
    return max(0.0, (acting.ends_at - utc_now()).total_seconds()) if acting else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


class Teller:
    """Tells watchers what is new: loads once per order, draws once per look, compares once per version."""

    def __init__(self, readers: Readers, looking: looks.Looking) -> None:
        self.readers = readers
        self.looking = looking

    async def permitted(self, watchers: Sequence[Watcher]) -> set[Watcher]:
        """Those whose session holds and who still see the order."""
        if not watchers:
            return set()
        fine = await permitted(self.readers.main, [_who(watcher) for watcher in watchers])
        return {watcher for watcher in watchers if _who(watcher) in fine}

    async def tell(self, order_id: int, wanted: Iterable[tuple[Look, int]]) -> tuple[int, Messages] | None:
        asked = [(look, since) for look, since in wanted if isinstance(look, looks.Look)]
        if not asked:
            return None
        loaded = await self.looking.latest(self.readers, order_id, asked[0][0].number)
        if loaded is None:
            return None
        messages: dict[tuple[Look, int], bytes] = {}
        for look, since in asked:
            after = self.looking.draw(loaded, look)
            if since == after.version:
                continue  # drawn all the same: the next message tells how it differs from this
            before = self.looking.known(order_id, since, look)
            messages[look, since] = message(before, after, self._said(before, after, loaded, look, since))
        return loaded.order.version, messages

    def _said(
        self, before: Drawn | None, after: Drawn, loaded: looks.Loaded, look: looks.Look, since: int
    ) -> str:
        """The announcement. What the page showed may be known no longer; then the events since tell it."""
        tongue = self.looking.pages.tongue(look.locale)
        if before is not None:
            return news(before.order, after.order, tongue.words(look.today, weekdays=True))
        told = [
            entry.text.striptags()
            for entry in since_version(self.looking.scene(loaded, look), loaded.events, since)
        ]
        if not told or len(told) > SPOKEN:
            return tongue.gettext("This order has changed while you were away.")
        return tongue.gettext("While you were away: {changes}.").format(changes="; ".join(told))


def _who(watcher: Watcher) -> Watching:
    return watcher.person_id, watcher.epoch, watcher.order_id, watcher.acting, watcher.session


def message(before: Drawn | None, after: Drawn, said: str) -> bytes:
    """One event: the parts that differ, the order of the table when it differs, and what is announced."""
    known = before.nodes if before else {}
    partials = [_partial(name, html) for name, html in after.nodes.items() if known.get(name) != html]
    if before is None or list(before.blocks) != list(after.blocks):
        partials.insert(0, _partial("arrangement", arrangement(after)))
    if said:
        partials.append(f'<hx-partial hx-target="#news" hx-swap="innerHTML">{escape(said)}</hx-partial>')
    lines = [line for partial in partials for line in partial.splitlines()] or [""]
    data = "".join(f"data: {line}\n" for line in lines)
    return f"id: {after.version}\n{data}\n".encode()


def _partial(name: str, html: Markup) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{html}</hx-partial>'


router = Router("/", route_handlers=[live], opt={"no_compress": True})
