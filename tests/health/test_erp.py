"""The ERP is told what happens to orders: once, in order, and whatever it refuses is put right and told again."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.adapters.erp.sandbox import Sandbox, serve
from portal.clock import utc_now
from portal.db import health
from portal.db.work import Pool, Work
from portal.domain import pushing
from portal.domain.access import Viewer
from portal.domain.webhooks import Answer
from portal.jobs.couriers import Courier
from portal.operations import mending, watching
from portal.settings import Settings
from tests.billing.books import Books
from tests.outbound.desk import Desk

STAFF = Viewer("dev", "Dev", None, frozenset({"*"}), person_id=1)


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[Sandbox]:
    """An ERP that knows NORTH, on this machine."""
    played = Sandbox(tmp_path / "erp" / "sandbox.json", "a token", accounts={"NORTH": {}})
    server = serve(played, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield played
    server.shutdown()
    server.server_close()


@pytest.fixture
async def desk(pool: Pool, settings: Settings, erp: Sandbox) -> AsyncIterator[Desk]:
    """A supplier with an ERP and a courier who is at work."""
    books = Books(pool)
    await books.open()
    connected = settings.replace(erp_url=erp.url, erp_token="a token")  # type: ignore[attr-defined]
    await health.keep_erp(pool, connected.erp_url, utc_now())
    courier = Courier(pool, connected)
    courier.start()
    yield Desk(pool, connected, books)
    await courier.stop()


async def act(desk: Desk, do: Any, *values: Any) -> Any:
    work = Work(desk.pool, actor="dev")
    async with work:
        return await do(work, STAFF, *values)


async def quiet(desk: Desk) -> None:
    """Nothing waits or is under way any more."""
    await desk.until(
        "select count(*)::int from delivery where connection_id = 'erp' and state in ('waiting', 'sending')",
        0,
    )


async def test_it_books_what_happens_to_an_order_once_and_in_order(desk: Desk, erp: Sandbox) -> None:
    await desk.pool.execute("update account set erp_number = 'C-1004' where number = 'NORTH'")
    order = await desk.order()
    await desk.tell(order, "shipment.updated")
    await desk.books.ship(order, {1: 2})
    await quiet(desk)
    assert [told["type"] for told in erp.told] == ["order.placed", "shipment.shipped", "invoice.issued"]
    assert {(told["customer"], told["order"]) for told in erp.told} == {("C-1004", order)}
    events = await desk.pool.fetch(
        "select id from event where type = any($1) order by id", list(pushing.TYPES)
    )
    assert [told["id"] for told in erp.told] == [f"evt_{row['id']}" for row in events]
    sent = await desk.pool.fetchval("select request_headers from delivery_attempt limit 1")
    assert "a token" not in json.dumps(sent), "a secret stands in no log"


async def test_what_it_refuses_waits_for_a_person_who_puts_it_right(desk: Desk, erp: Sandbox) -> None:
    erp.behave("unknown_customers")
    await desk.pool.execute("update account set erp_number = 'TYPO' where number = 'NORTH'")
    order = await desk.order()
    await desk.books.ship(order, {1: 2})
    await desk.settled("erp", "dead", 3)
    problems = await desk.pool.fetch("select distinct problem from delivery where connection_id = 'erp'")
    assert [row["problem"] for row in problems] == ["There is no customer TYPO."]
    await watching.watch(desk.pool)
    facts = await desk.pool.fetchval(
        "select facts from alert where connection_id = 'erp' and measure = 'dead'"
    )
    assert (facts["value"], facts["problem"], facts["order"]) == (3, "There is no customer TYPO.", order)

    assert await act(desk, mending.name_customer, "NORTH", " NORTH ") == 3
    await quiet(desk)
    assert [told["type"] for told in erp.told] == ["order.placed", "shipment.shipped", "invoice.issued"]
    await watching.watch(desk.pool)
    assert await desk.pool.fetchval("select state from alert where measure = 'dead'") == "cleared"


async def test_an_erp_that_is_away_is_told_later_and_never_switched_off(desk: Desk, erp: Sandbox) -> None:
    erp.behave("down")
    order = await desk.order()
    await desk.until("select attempts from delivery where connection_id = 'erp'", 1)
    await desk.books.ship(order, {1: 2})
    for pause in pushing.PAUSES[:6]:
        attempts = await desk.pool.fetchval("select max(attempts) from delivery where connection_id = 'erp'")
        await desk.later(pause * 1.2)
        await desk.until(
            "select max(attempts) from delivery where connection_id = 'erp' and state = 'waiting'",
            attempts + 1,
        )
    await desk.later(timedelta(days=6))
    await asyncio.sleep(0.3)
    assert await desk.pool.fetchval("select state from connection where id = 'erp'") == "active"
    assert not erp.told

    erp.behave("ok")
    await act(desk, mending.try_now, "erp")
    await quiet(desk)
    assert [told["type"] for told in erp.told] == ["order.placed", "shipment.shipped", "invoice.issued"]


async def test_what_it_has_booked_already_is_as_good_and_a_pause_holds_everything_back(
    desk: Desk, erp: Sandbox
) -> None:
    await act(desk, mending.pause, "erp")
    order = await desk.order()
    await asyncio.sleep(0.3)
    assert await desk.states("erp") == ["waiting"]
    event = await desk.pool.fetchval("select event_id from delivery where connection_id = 'erp'")
    erp.ids.add(f"evt_{event}")
    await act(desk, mending.resume, "erp")
    await desk.settled("erp", "delivered")
    assert (await desk.pool.fetchval("select status from delivery_attempt"), len(erp.told)) == (409, 0)
    assert order


async def test_an_order_that_nobody_has_approved_is_not_told(desk: Desk, erp: Sandbox) -> None:
    order = await desk.order()
    await desk.settled("erp", "delivered")
    await desk.pool.execute("update order_status set state = 'pending_approval'")
    await desk.tell(order, "order.changed")
    await desk.settled("erp", "dropped")
    assert len(erp.told) == 1
    assert await desk.pool.fetchval("select count(*) from delivery_attempt") == 1


async def test_without_an_erp_nothing_is_written_for_one(pool: Pool, settings: Settings) -> None:
    await health.keep_erp(pool, "http://127.0.0.1:1", utc_now())
    await health.keep_erp(pool, "", utc_now())
    books = Books(pool)
    await books.open()
    await Desk(pool, settings, books).order()
    assert await pool.fetchval("select count(*) from delivery") == 0
    assert "erp" not in Courier(pool, settings).kinds


def test_answers_of_an_erp_mean_what_the_document_says() -> None:
    def verdict(status: int | None, attempt: int = 1, **more: Any) -> str:
        return pushing.judge(Answer(status, **more), attempt, chance=0.5, now=utc_now()).verdict

    assert [verdict(status) for status in (200, 201, 409)] == ["delivered"] * 3
    assert verdict(422) == "dead"
    assert [verdict(status) for status in (None, 302, 400, 401, 404, 410, 500)] == ["again"] * 7
    assert verdict(500, len(pushing.PAUSES) + 1) == "dead"
    asked = pushing.judge(Answer(503, response_headers={"Retry-After": "120"}), 1, chance=0.5, now=utc_now())
    assert asked.pause == timedelta(seconds=120)
    assert pushing.refusal('{"type": "unknown_customer", "detail": "No C-1"}') == (
        "unknown_customer",
        "No C-1",
    )
    assert [pushing.refusal(odd) for odd in (None, "<html>", "[]", '{"type": 1}', "[" * 100_000)] == [
        ("", "")
    ] * 5
