"""From commit to changed page: one open page, then a thousand; against a bare relay of the notification."""

import asyncio
import base64
import random
import time as clock
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, async_playwright

from bench import shop
from bench.calling import get
from bench.ground import Ground, Helper, bare, helper, pool_of
from bench.measuring import quantile
from bench.telling import Findings, ratio, time
from portal.db.work import Pool, Work
from portal.operations import holding
from tests.browsers import launch_options
from tests.portals import Portal

ORDERS = 40
OPEN = 1000
PEOPLE = 16
EVENTS = 60
PAUSE = 0.12
# With many pages open, changes come from everywhere.
CROWD_EVENTS = 400
CROWD_PAUSE = 0.05
SETTLE = 3

# Notes when the version on the page changes; runs beside the page's own scripts.
WATCH = """() => {
  window.seen = [];
  const page = document.getElementById('order');
  new MutationObserver(() => window.seen.push([Number(page.dataset.version), performance.timeOrigin + performance.now()]))
    .observe(page, {attributes: true, attributeFilter: ['data-version']});
}"""


@dataclass(frozen=True, slots=True)
class Change:
    """A version of an order, and the moment just before its commit."""

    order: str
    version: int
    at: float


Heard = Sequence[tuple[int, float]]


async def run(ground: Ground) -> Findings:
    findings = Findings()
    table = findings.table("open pages", "what", "p50", "p95", "× bare p50", "× bare p95", "lost", "bar")
    url = await ground.database()
    async with pool_of(url) as pool:
        await shop.open_story(pool)
        orders = [await shop.place_story(pool, "A0", 38) for _ in range(ORDERS)]
        cookies = await ground.sign_in(url, [shop.email_of(0)] * PEOPLE)
        async with ground.portal(url) as portal, _page(portal, cookies[0], orders[0]) as page:
            message = base64.b64encode(b"x" * 3000).decode()
            async with bare({"database_url": url, "bodies": {"message": message}}) as (address, _):
                with _listening(address, [get("/relay/message")]) as relay:
                    one = await _streams(pool, cookies, [orders[0]])
                    with _listening(portal.base_url, one) as client:
                        await _ready(relay, client)
                        changes = await _change(pool, orders[:1], EVENTS, PAUSE)
                        await asyncio.sleep(SETTLE)
                        dom, [stream], [base] = (
                            await page.evaluate("window.seen"),
                            await _heard(client),
                            await _heard(relay),
                        )
            limit = _latencies(changes, orders[0], base)
            table.add(1, "bare relay, bare client", *_quantiles(limit), "", "", "", "")
            for what, heard, bar in (
                ("bare client of the page's stream", stream, ""),
                ("Chromium: the page has changed", [(v, at / 1000) for v, at in dom], "p95 ≤ 2 ×"),
            ):
                took = _latencies(changes, orders[0], heard)
                table.add(
                    1,
                    what,
                    *_quantiles(took),
                    *_against(took, limit),
                    _lost(changes, orders[0], [heard]),
                    bar,
                )
            await _crowd(table, pool, portal, page, cookies, orders, limit)
    findings.say(
        f"Time from just before COMMIT. A change sets or lifts a hold on one line of a 38-line order. With {OPEN:,} open "
        f"pages, {OPEN:,} clients watch {ORDERS} orders of one web process and changes come {1 / CROWD_PAUSE:.0f} times a "
        "second; Chromium shows one of the orders. *Bare relay*: a web process that passes each notification on with bytes "
        "that are ready."
    )
    return findings


async def _crowd(
    table: Any,
    pool: Pool,
    portal: Portal,
    page: Page,
    cookies: Sequence[str],
    orders: Sequence[str],
    limit: Sequence[float],
) -> None:
    watched = [orders[n % ORDERS] for n in range(OPEN)]
    with _listening(portal.base_url, await _streams(pool, cookies, watched)) as crowd:
        await _ready(crowd)
        await page.evaluate("window.seen = []")
        changes = await _change(pool, orders, CROWD_EVENTS, CROWD_PAUSE)
        await asyncio.sleep(SETTLE)
        dom = [(version, at / 1000) for version, at in await page.evaluate("window.seen")]
        everybody = await _heard(crowd)
    took = [
        one
        for order, heard in zip(watched, everybody, strict=True)
        for one in _latencies(changes, order, heard)
    ]
    lost = sum(_lost(changes, order, [heard]) for order, heard in zip(watched, everybody, strict=True))
    table.add(
        f"{OPEN:,}", "bare clients of the pages' streams", *_quantiles(took), *_against(took, limit), lost, ""
    )
    seen = _latencies(changes, orders[0], dom)
    table.add(
        f"{OPEN:,}", "Chromium: the page has changed", *_quantiles(seen), *_against(seen, limit),
        _lost(changes, orders[0], [dom]), "p95 ≤ 250 ms with 5,000",
    )  # fmt: skip
    assert not lost, f"{lost} pages do not show the last version"


@asynccontextmanager
async def _page(portal: Portal, cookie: str, order: str) -> AsyncIterator[Page]:
    name, _, value = cookie.partition("=")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        context = await browser.new_context()
        await context.add_cookies([{"name": name, "value": value, "url": portal.base_url}])
        page = await context.new_page()
        await page.goto(f"{portal.base_url}/orders/{order}")
        await page.locator("[data-live]:not([hidden])").wait_for()
        await page.evaluate(WATCH)
        yield page
        await browser.close()


async def _streams(pool: Pool, cookies: Sequence[str], orders: Sequence[str]) -> list[str]:
    """The requests of pages that show these orders as they stand."""
    rows = await pool.fetch(
        "select o.number, s.version from orders o join order_status s on s.order_id = o.id"
    )
    versions = {row["number"]: row["version"] for row in rows}
    return [
        get(
            f"/orders/{order}/live?v={versions[order]}",
            cookie=cookies[n % len(cookies)],
            accept="text/event-stream",
        )
        for n, order in enumerate(orders)
    ]


def _listening(address: str, requests: Sequence[str]) -> Any:
    return helper("listeners", {"port": urlsplit(address).port, "requests": requests})


async def _ready(*listeners: Helper) -> None:
    for listener in listeners:
        await listener.answer()
    # What streams say at their beginning is not measured.
    await asyncio.sleep(1)


async def _heard(listener: Helper) -> list[Heard]:
    listener.tell("that is all")
    said = await listener.answer()
    if said["lost"]:
        raise RuntimeError(f"{said['lost']} streams were cut")
    return said["heard"]  # type: ignore[no-any-return]


async def _change(pool: Pool, orders: Sequence[str], many: int, pause: float) -> list[Change]:
    """Set and lift holds, here and there."""
    chance = random.Random(38)
    standing: dict[str, int] = {}
    changes = []
    for n in range(many):
        order = orders[n % len(orders)]
        work = Work(pool)
        async with work:
            if hold := standing.pop(order, None):
                await holding.release(work, shop.EVERYBODY, order, str(hold), None)
            else:
                line = [1 + 6 * chance.randrange(6)]
                standing[order] = await holding.hold(
                    work, shop.EVERYBODY, order, "quality", "Is it the right coating?", line
                )
            await work.close_books()
            version = await work.conn.fetchval(
                "select s.version from order_status s join orders o on o.id = s.order_id where o.number = $1",
                order,
            )
            at = clock.time()
        changes.append(Change(order, version, at))
        await asyncio.sleep(max(pause - (clock.time() - at), 0))
    return changes


def _latencies(changes: Sequence[Change], order: str, heard: Heard) -> list[float]:
    """For each change the time until that version, or a newer one, was there."""
    mine = [change for change in changes if change.order == order]
    return [
        min(at for version, at in heard if version >= change.version) - change.at
        for change in mine
        if any(version >= change.version for version, _ in heard)
    ]


def _lost(changes: Sequence[Change], order: str, everybody: Sequence[Heard]) -> int:
    """How many do not show the order's last version in the end."""
    last = max(change.version for change in changes if change.order == order)
    return sum(max((version for version, _ in heard), default=0) < last for heard in everybody)


def _quantiles(took: Sequence[float]) -> tuple[str, str]:
    return time(quantile(took, 0.5)), time(quantile(took, 0.95))


def _against(took: Sequence[float], limit: Sequence[float]) -> tuple[str, str]:
    return tuple(ratio(quantile(took, share), quantile(limit, share)) for share in (0.5, 0.95))  # type: ignore[return-value]
