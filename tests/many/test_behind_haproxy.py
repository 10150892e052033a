"""Two web processes, one for the streams and two workers behind HAProxy: any may go, and nobody notices."""

import asyncio
import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx
import pytest

from portal.db.pool import open_pool
from tests.fire.shop import Json, Shop
from tests.many.site import PATIENCE, Site, until
from tests.routes import cast
from tests.routes.cast import Guest

pytestmark = pytest.mark.slow
PETRA = "petra@many.example"
# What somebody who places orders all the time needs of them.
CLIENTS = 4
TOLD = "select (select event_id from told_position) >= (select max(id) from event)"


@dataclass
class Trade:
    """Orders and pages, one after the other from several clients, until told to stop."""

    shop: Shop
    site: Site
    cookies: dict[str, str]
    placed: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def client(self, nth: int) -> None:
        order = self.shop.order(BOLT=1)
        person = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers = {"Authorization": f"Bearer {self.site.portal.erp_token}"}
        # Kept connections, as a browser and an ERP keep them.
        with httpx.Client(
            base_url=self.site.portal.base_url, timeout=PATIENCE / 2, trust_env=False
        ) as client:
            for number in count():
                if self.over.is_set():
                    return
                try:
                    # No key: whatever were sent twice would be there twice.
                    told = client.post("/api/v1/orders", json=order.body, headers=headers)
                    page = client.get("/orders", headers=person)
                except httpx.TransportError as failure:
                    self.wrong.append(f"{nth}: {failure!r}")
                    continue
                self.answers.update([f"order {told.status_code}", f"page {page.status_code}"])
                if told.status_code == 201:
                    self.placed.append(told.json()["number"])
                for answer in (told, page):
                    if answer.status_code not in (200, 201):
                        self.wrong.append(f"{nth}.{number}: {answer.status_code} {answer.text[:200]}")


@contextmanager
def trading(shop: Shop, site: Site, petra: Guest) -> Iterator[Trade]:
    trade = Trade(shop, site, dict(petra.client.cookies))
    threads = [threading.Thread(target=trade.client, args=(nth,)) for nth in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield trade
    finally:
        trade.over.set()
        for thread in threads:
            thread.join(PATIENCE)


@contextmanager
def watching(site: Site, petra: Guest, order: Json) -> Iterator["queue.Queue[str]"]:
    """What a browser is sent about an order; an empty text when the stream is over."""
    heard: queue.Queue[str] = queue.Queue()
    client = httpx.Client(base_url=site.portal.base_url, cookies=petra.client.cookies, trust_env=False)

    def listen() -> None:
        try:
            timeout = httpx.Timeout(PATIENCE)
            with client.stream("GET", f"/orders/{order['number']}/live", timeout=timeout) as stream:
                heard.put(f"status {stream.status_code}")
                for text in stream.iter_text():
                    heard.put(text)
        except (httpx.HTTPError, httpx.StreamError):
            pass  # cut off from here or from there: it is over
        heard.put("")

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert heard.get(timeout=PATIENCE) == "status 200"
    try:
        yield heard
    finally:
        client.close()


def hears(heard: "queue.Queue[str]", words: str) -> None:
    end = time.monotonic() + PATIENCE
    text = ""
    while words not in text:
        said = heard.get(timeout=max(0.1, end - time.monotonic()))
        assert said, f"the stream ended before it said {words!r}: {text[-500:]}"
        text += said


@pytest.fixture(scope="module")
def petra(many: Site, shop: Shop) -> Guest:
    return cast.signed_in(many.portal, PETRA)


def test_requests_are_shared_and_none_is_lost_while_each_web_process_is_replaced(
    many: Site, shop: Shop, petra: Guest
) -> None:
    before = {name: many.taken("web", name) for name in ("web1", "web2")}
    with trading(shop, many, petra) as trade:
        until(lambda: len(trade.placed) > 20 or trade.wrong, "orders are placed")
        assert trade.wrong == [], many.portal.said()[-4000:]
        ended = [many.replace("web1"), many.replace("web2")]
        at_the_end = len(trade.placed)
        until(lambda: len(trade.placed) > at_the_end + 20, "orders are placed on the new ones")
    assert trade.wrong == []
    assert set(ended) <= {0, -signal.SIGTERM}, f"they were not killed: {ended}"
    assert set(trade.answers) == {"order 201", "page 200"}
    taken = {name: many.taken("web", name) - before[name] for name in before}
    assert min(taken.values()) > sum(taken.values()) / 5, f"both have their part: {taken}"
    listed = all_orders(shop)
    assert Counter(listed) == Counter(trade.placed), "each order that was promised is there, once"


def test_streams_have_a_process_of_their_own_that_outlives_the_web(
    many: Site, shop: Shop, petra: Guest
) -> None:
    order = shop.place(BOLT=3)
    before = many.taken("live", "live1")
    with watching(many, petra, order) as heard:
        assert many.taken("live", "live1") == before + 1, "it came to the streams' own process"
        many.replace("web1")
        shop.do(shop.move(order["number"], "cancellations", 1))
        hears(heard, "id: ")


def test_while_the_streams_process_is_away_the_web_serves_them_and_nothing_is_missed(
    many: Site, shop: Shop, petra: Guest
) -> None:
    order = shop.place(BOLT=3)
    with watching(many, petra, order) as heard:
        many.processes["live1"].kill()
        until(lambda: _ends(heard), "the stream ends with its process")
    shop.do(shop.move(order["number"], "cancellations", 1))
    until(lambda: not many.serves("live1"), "HAProxy sees that it is gone")
    served = sum(many.taken("live", name) for name in ("web1", "web2"))
    with watching(many, petra, order) as heard:
        hears(heard, "id: ")
        assert sum(many.taken("live", name) for name in ("web1", "web2")) == served + 1
    many.start("live1")
    until(lambda: many.serves("live1"), "it is back")


def test_a_worker_may_be_killed_and_the_other_goes_on(many: Site, shop: Shop) -> None:
    workers = [process for process in many.portal.processes if "worker" in process.args]
    workers[0].kill()
    shop.place(BOLT=1)
    until(lambda: is_all_told(many), "what happened is told")
    assert many.door("web2", "/readyz").status_code == 200


def test_what_is_for_operators_does_not_get_out(many: Site) -> None:
    for path in ("/metrics", "/api/v1/metrics", "/readyz", "/servingz"):
        assert httpx.get(f"{many.portal.base_url}{path}", trust_env=False).status_code == 404, path
    assert httpx.get(f"{many.portal.base_url}/healthz", trust_env=False).status_code == 200


def _ends(heard: "queue.Queue[str]") -> bool:
    try:
        return heard.get_nowait() == ""
    except queue.Empty:
        return False


def is_all_told(site: Site) -> bool:
    """By a worker, which looks every five seconds for whom news has to reach."""

    async def ask() -> bool:
        async with await open_pool(site.portal.database_url, size=1) as pool:
            return bool(await pool.fetchval(TOLD))

    return asyncio.run(ask())


def all_orders(shop: Shop) -> list[str]:
    """Every number, page by page."""
    numbers: list[str] = []
    cursor = ""
    while True:
        page = shop.get(f"/orders?account={shop.code('BUYER')}&limit=200{cursor}")
        numbers += [row["number"] for row in page["items"]]
        if page["next"] is None:
            return numbers
        cursor = f"&cursor={page['next']}"
