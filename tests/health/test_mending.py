"""What failed for good is put right and sent again, or let go."""

import json
from datetime import datetime
from typing import Any

import pytest

from portal.db import parked
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Unacceptable
from portal.operations import mending, receiving
from portal.operations.following import Message, hear
from portal.operations.mending import Corrected
from tests.billing.books import STAFF as EVERYBODY
from tests.billing.books import Books
from tests.health.conftest import Ward

DEV = Viewer("dev", "Dev", None, frozenset({"*"}), person_id=1)
READER = Viewer("amara", "Amara", None, frozenset({"connections:read"}), person_id=2)
AT = "2026-11-20T10:00:00+00:00"


@pytest.fixture
async def books(pool: Pool) -> Books:
    opened = Books(pool)
    await opened.open()
    return opened


async def act(pool: Pool, do: Any, *values: Any, viewer: Viewer = DEV) -> Any:
    work = Work(pool, actor=viewer.actor)
    async with work:
        return await do(work, viewer, *values)


async def park(pool: Pool, name: str, state: str = "delivered") -> int:
    """A carrier's message about a shipment that nobody knows; its id."""
    work = Work(pool, actor="carrier")
    async with work:
        assert await hear(work, EVERYBODY, name, Message(state, datetime.fromisoformat(AT))) is None
    found: int = await pool.fetchval("select max(id) from parked_message")
    return found


async def body(pool: Pool, message: int) -> dict[str, Any]:
    found: dict[str, Any] = await pool.fetchval("select body from parked_message where id = $1", message)
    return found


async def test_a_message_about_a_mistyped_shipment_is_put_right_and_applied(books: Books, pool: Pool) -> None:
    order = await books.order(("BOLT", 2, "1.50"))
    shipment = await books.ship(order, {1: 2})
    message = await park(pool, "SH-WRONG")
    said = await body(pool, message)
    with pytest.raises(Unacceptable, match="no shipment 'SH-WRONG'"):
        await act(pool, mending.apply, message, Corrected("SH-WRONG", said), None)
    with pytest.raises(Forbidden):
        await act(pool, mending.apply, message, Corrected(shipment, said), None, viewer=READER)

    await act(pool, mending.apply, message, Corrected(shipment, said), "They mistyped it")
    assert await pool.fetchval("select state from shipment") == "delivered"
    kept = await pool.fetchrow("select state, settled_by, note, corrected, body from parked_message")
    assert kept is not None
    assert tuple(kept)[:3] == ("applied", "dev", "They mistyped it")
    assert kept["corrected"]["key"] == shipment
    assert kept["body"] == said, "what came is kept as it came"
    with pytest.raises(Conflict):
        await act(pool, mending.apply, message, Corrected(shipment, said), None)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"state": "delivered"},
        {"state": "lost", "at": AT},
        {"state": "delivered", "at": "yesterday"},
        {"state": "delivered", "at": "2026-11-20T10:00:00"},
        {"state": "delivered", "at": AT, "lines": 4},
        {"state": "delivered", "at": AT, "tracking_number": 5},
        {"state": "delivered", "at": AT, "tracking_number": ["NP1"]},
        {"state": "delivered", "at": AT, "lines": [{"line": 1, "quantity": "NaN"}]},
        {"state": "delivered", "at": AT, "lines": [{"line": 1, "quantity": "-1"}]},
        {"state": "delivered", "at": AT, "lines": [{"line": 1, "quantity": "7"}]},
        {"state": "delivered", "at": AT, "lines": [{"line": "one", "quantity": "1"}]},
    ],
    ids=json.dumps,
)
async def test_a_message_that_says_nothing_sensible_changes_nothing(
    books: Books, pool: Pool, odd: dict[str, Any]
) -> None:
    order = await books.order(("BOLT", 2, "1.50"))
    shipment = await books.ship(order, {1: 2})
    message = await park(pool, "SH-WRONG")
    with pytest.raises(Unacceptable):
        await act(pool, mending.apply, message, Corrected(shipment, odd), None)
    assert await pool.fetchval("select state from parked_message") == "parked"
    assert await pool.fetchval("select state from shipment") != "delivered"


async def test_a_receipt_is_applied_to_the_document_that_was_meant_or_dismissed(
    books: Books, pool: Pool
) -> None:
    came = [receiving.Came(1, received=receiving.parse("40"))]
    work = Work(pool, actor="wms")
    for reference in ("4799", "4800"):
        async with work:
            await parked.park(work, "inbound", f"purchase_order/{reference}", receiving.as_parked(came, None))
    await pool.execute(
        """insert into inbound (kind, reference, location, confirmed) values ('purchase_order', '4711', 'MAIN', true)"""
    )
    await pool.execute(
        """insert into inbound_line (inbound_id, line, sku, quantity, expected_on)
           select id, 1, 'BOLT', 40, '2026-12-01' from inbound"""
    )
    first, second = [row["id"] for row in await pool.fetch("select id from parked_message order by id")]
    said = await body(pool, first)
    with pytest.raises(Unacceptable, match="purchase_order/4799"):
        await act(pool, mending.apply, first, Corrected("purchase_order/4799", said), None)
    await act(pool, mending.apply, first, Corrected("purchase_order/4711", said), None)
    assert await pool.fetchval("select received from inbound_line") == 40
    await act(pool, mending.dismiss, second, "Booked by hand")
    assert await pool.fetchval("select state from parked_message where id = $1", second) == "dismissed"
    with pytest.raises(NotFound):
        await act(pool, mending.dismiss, 999, None)


async def test_mail_that_nobody_took_goes_out_again_and_its_reader_is_written_to(
    ward: Ward, pool: Pool
) -> None:
    await pool.execute(
        """insert into mail (key, kind, person_id, due_at, state, attempts, problem)
           select 'k' || id, 'news', id, now(), 'failed', 1, '550 unknown' from person order by id limit 2"""
    )
    await pool.execute("update person set mail_problem = '550 unknown', mail_problem_at = now()")
    first, second = [row["id"] for row in await pool.fetch("select id from mail order by id")]
    assert await act(pool, mending.send_again, "mail", [first]) == 1
    assert await act(pool, mending.let_go, "mail", None) == 1
    states = {row["id"]: row["state"] for row in await pool.fetch("select id, state from mail")}
    assert states == {first: "waiting", second: "dropped"}
    assert await pool.fetchval("select count(*) from person where mail_problem is null") == 1


async def test_an_endpoints_dead_letters_are_sent_again_or_let_go(ward: Ward, pool: Pool) -> None:
    await ward.queue(3, state="dead")
    ids = [row["id"] for row in await pool.fetch("select id from delivery order by id")]
    assert await act(pool, mending.send_again, "we_1", ids[:1]) == 1
    assert await act(pool, mending.let_go, "we_1", ids[1:2]) == 1
    assert await act(pool, mending.send_again, "we_1", None) == 1
    assert await act(pool, mending.try_now, "we_1") == 0, "they are due already"
    with pytest.raises(NotFound):
        await act(pool, mending.send_again, "we_2", None)
    with pytest.raises(Forbidden):
        await act(pool, mending.send_again, "we_1", None, viewer=READER)
    with pytest.raises(Conflict):
        await act(pool, mending.pause, "mail")


async def test_whoever_pauses_an_accounts_endpoint_stands_in_its_records(ward: Ward, pool: Pool) -> None:
    await act(pool, mending.pause, "we_1")
    await act(pool, mending.resume, "we_1")
    entries = await pool.fetch("select account, action, subject from audit_entry order by sequence")
    assert [tuple(row) for row in entries] == [("NORDWIND", "endpoint.changed", "we_1")] * 2
    assert await pool.fetchval("select state from connection where id = 'we_1'") == "active"
