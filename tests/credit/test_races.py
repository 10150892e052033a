"""Credit when many come at once: a slow ERP, answers that overtake each other, two workers that look again."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx

from portal.adapters.erp import connect
from portal.db import accounts, credit
from portal.db.pool import open_pool
from portal.db.work import Work
from portal.domain.credit import Figures
from portal.jobs.credit import recheck_credit
from portal.settings import Settings
from tests.credit.conftest import Books


def test_of_many_at_once_as_many_pass_as_there_is_room_for(books: Books) -> None:
    books.buyer()
    books.says(credit_limit="200.00", invoiced_unpaid="40.00")
    body = books.order_body("BUYER", {"BOLT": 5})

    def place(_: int) -> httpx.Response:
        return books.erp.post("orders", json=body)

    with ThreadPoolExecutor(8) as many:
        states = sorted(answer.json()["state"] for answer in many.map(place, range(8)))
    assert states == ["held"] * 5 + ["open"] * 3
    assert books.credit()["available"] == "10.00"


def test_a_slow_erp_holds_up_nobody_else(books: Books) -> None:
    """Whoever waits for it holds no connection to the database and no lock."""
    books.buyer()
    books.says()
    books.account("OTHER", tax_status="exempt")
    books.erp_system.is_("slow")
    slow = books.order_body("BUYER", {"BOLT": 1})
    with ThreadPoolExecutor(24) as many:
        waiting = [many.submit(books.erp.post, "orders", json=slow) for _ in range(24)]
        time.sleep(0.1)
        began = time.monotonic()
        assert books.order("OTHER", {"BOLT": 1})["state"] == "open"
        assert time.monotonic() - began < 0.7, "it had to wait for the others"
        answers = [one.result() for one in waiting]
    assert {answer.status_code for answer in answers} == {201}


def test_an_answer_that_was_overtaken_changes_nothing(books: Books) -> None:
    books.buyer()
    now = datetime.now(UTC)

    def figures(unpaid: int, at: datetime) -> Figures:
        nothing = Decimal(0)
        return Figures(books.code("BUYER"), "GBP", None, False, Decimal(unpaid), nothing, nothing, at, at)

    async def keep() -> list[Decimal]:
        async with await open_pool(books.portal.database_url, size=1) as pool:
            for one in (figures(20, now), figures(10, now - timedelta(seconds=1)), figures(30, now)):
                async with (work := Work(pool)):
                    await accounts.lock(work.conn, one.account)
                    await credit.keep_figures(work.conn, one, now)
            rows = await pool.fetch(
                "select invoiced_unpaid from credit_entry where account = $1 order by id", books.code("BUYER")
            )
            return [row[0] for row in rows]

    assert asyncio.run(keep()) == [20, 10]


def test_two_workers_that_look_again_do_it_once(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says()
    books.erp_system.is_("down")
    orders = [books.order("BUYER", {"BOLT": 1}) for _ in range(6)]
    books.erp_system.is_("ok")
    settings: Settings = books.portal.settings

    async def both() -> None:
        async with await open_pool(settings.database_url, size=6) as pool:
            ctx = {"pool": pool, "settings": settings, "erp": connect(settings)}
            await asyncio.gather(*(recheck_credit(ctx) for _ in range(3)))
            await ctx["erp"].close()

    asyncio.run(both())
    assert {books.read(order)["state"] for order in orders} == {"open"}
    told = [event["type"] for event in books.feed("BUYER")]
    assert told.count("hold.released") == 6
    assert books.owes() == ("60.00", "0.00", "0.00")


def test_an_erp_that_is_started_again_is_heard_again(books: Books) -> None:
    books.buyer(erp_silence="hold")
    books.says(credit_limit="100.00")
    for behaviour, state in (
        ("ok", "open"),
        ("down", "held"),
        ("ok", "open"),
        ("garbage", "held"),
        ("ok", "open"),
    ):
        books.erp_system.is_(behaviour)
        assert books.order("BUYER", {"BOLT": 1})["state"] == state
