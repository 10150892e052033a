"""The demo's story: one order of 38 lines in six situations, each with one true sentence; told once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

from portal.db import detail, people
from portal.db.pool import open_pool
from portal.db.work import Pool
from portal.domain.because import english, sentence
from portal.domain.orders import Order
from portal.domain.telling import told
from portal.operations import checking
from portal.operations.tokens import digest
from portal.seed import seed, story
from portal.seed.telling import SYSTEM, Days
from portal.settings import Settings
from tests.servers import Servers

COUNTS = """
select (select count(*) from orders), (select count(*) from portion), (select count(*) from event),
    (select count(*) from person), (select count(*) from inbound), (select count(*) from hold),
    (select count(*) from shipment), (select sum(on_hand) from stock_level), (select sum(version) from order_status)
"""


async def tell(settings: Settings) -> dict[str, Any]:
    async with await open_pool(settings.database_url) as pool:
        return await seed(pool, settings, datetime.now(UTC))


@pytest.fixture(scope="module")
def told_once(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, dict[str, Any]]]:
    """A database in which the story was told, for all tests here: none of them adds to it."""
    url = asyncio.run(servers.create_database())
    settings = Settings.from_env(
        {
            "PORTAL_MODE": "test",
            "PORTAL_HOME": str(tmp_path_factory.mktemp("seed")),
            "PORTAL_DATABASE_URL": url,
        }
    )
    yield settings, asyncio.run(tell(settings))
    asyncio.run(servers.drop_database(url))


@pytest.fixture
def answer(told_once: tuple[Settings, dict[str, Any]]) -> dict[str, Any]:
    return told_once[1]


@pytest.fixture
async def pool(told_once: tuple[Settings, dict[str, Any]]) -> AsyncIterator[Pool]:
    async with await open_pool(told_once[0].database_url) as pool:
        yield pool


async def the_order(pool: Pool) -> Order:
    async with pool.acquire() as conn:
        number = await conn.fetchval(
            "select number from orders where purchase_order_number = $1", story.THE_ORDER
        )
        order = await detail.detail(conn, SYSTEM, number)
    assert order is not None
    return order


async def test_the_38_lines_are_in_exactly_six_situations(pool: Pool, answer: dict[str, Any]) -> None:
    order = await the_order(pool)
    assert (order.state, len(order.lines)) == ("open", 38)
    assert all(len(line.portions) == 1 for line in order.lines)
    found = Counter((line.portions[0].status, line.portions[0].location) for line in order.lines)
    assert found == {
        ("allocated", "MAIN"): 9,
        ("awaiting_supplier", "MAIN"): 11,
        ("reserved_elsewhere", "MAIN"): 4,
        ("allocated", "NORTH"): 3,
        ("backordered", None): 4,
        ("backordered", "MAIN"): 2,
        ("held", "MAIN"): 5,
    }
    modes = await pool.fetch(
        "select mode, count(*) from order_line where order_id = $1 group by mode", order.id
    )
    assert dict(modes) == {"freight": 3, "parcel": 35}


async def test_every_line_says_one_true_sentence(pool: Pool, answer: dict[str, Any]) -> None:
    order = await the_order(pool)
    words = english(datetime.now(UTC).date())
    says = {line.line: sentence(told(order, line, line.portions[0], {}), words) for line in order.lines}
    by_status: dict[str, list[str]] = {}
    for line in order.lines:
        by_status.setdefault(line.portions[0].status, []).append(says[line.line])
    assert all(
        "stand ready at Leicester" in s or "stand ready at Grimsby" in s for s in by_status["allocated"]
    )
    assert all(
        "supplier order 4711 from Veltrum Seals, confirmed for" in s for s in by_status["awaiting_supplier"]
    )
    assert all(
        "180 stand at Leicester but are reserved for a contract" in s for s in by_status["reserved_elsewhere"]
    )
    assert all("ahead of you in the queue" in s for s in by_status["backordered"])
    assert all("held for a finance decision" in s for s in by_status["held"])
    for rival in ("Ashdown", "Calder"):
        assert not any(rival in s for s in says.values())


async def test_the_slip_was_told_with_old_and_new_date(pool: Pool, answer: dict[str, Any]) -> None:
    order = await the_order(pool)
    late = [line.portions[0] for line in order.lines if line.portions[0].status == "awaiting_supplier"]
    for portion in late:
        assert portion.first_arrives_on is not None
        assert portion.arrives_on is not None
        assert portion.first_arrives_on < portion.arrives_on
    changed = await pool.fetch(
        "select data from event where order_id = $1 and type = 'promise.changed' order by id limit 1",
        order.id,
    )
    assert len(changed[0]["data"]["lines"]) == 11
    assert changed[0]["data"]["cause"]["reference"] == "4711"


async def test_nothing_is_promised_for_a_day_that_is_over(pool: Pool, answer: dict[str, Any]) -> None:
    assert not await pool.fetchval(
        """select count(*) from portion where stage in ('waiting', 'allocated', 'picking', 'packed')
           and ships_on < (now() at time zone 'Europe/London')::date"""
    )


async def test_the_book_holds_orders_in_many_states_and_every_law(pool: Pool, answer: dict[str, Any]) -> None:
    stages = {
        row["stage"]
        for row in await pool.fetch("select distinct stage from portion where account like 'NORD%'")
    }
    assert stages == {
        "waiting",
        "allocated",
        "picking",
        "packed",
        "shipped",
        "delivered",
        "returned",
        "cancelled",
    }
    states = dict(await pool.fetch("select state, count(*) from order_status group by state"))
    assert states["open"] > 10
    assert states["closed"] > 100
    assert await pool.fetchval(
        "select count(*) from order_status where lines_complete > 0 and lines_complete < lines and state = 'open'"
    )
    assert await checking.broken_laws(pool) == []


async def test_the_cast_signs_in_and_the_tokens_open_what_they_should(
    pool: Pool, told_once: tuple[Settings, dict[str, Any]]
) -> None:
    answer = await tell(told_once[0])
    assert {user["role"] for user in answer["users"]} >= {
        "buyer",
        "approver",
        "account_admin",
        "account_manager",
    }
    async with pool.acquire() as conn:
        for user in answer["users"]:
            assert await people.by_email(conn, user["email"]) is not None
        petra = await people.by_email(conn, answer["users"][0]["email"])
        assert petra is not None
        assert petra.password_hash is not None
        assert PasswordHasher().verify(petra.password_hash, answer["users"][0]["password"])
        now = datetime.now(UTC)
        erp = await people.token_viewer(conn, digest(answer["tokens"]["erp"]), now)
        buyer = await people.token_viewer(conn, digest(answer["tokens"]["buyer"]), now)
    assert erp is not None
    assert erp.is_supplier
    assert erp.may("orders:write")
    assert buyer is not None
    assert buyer.accounts == ("NORDWIND", "NORDWIND-HULL")
    assert not buyer.may("orders:write")


async def test_telling_the_story_twice_adds_nothing_but_fresh_tokens(
    pool: Pool, told_once: tuple[Settings, dict[str, Any]]
) -> None:
    settings, _ = told_once
    answer = await tell(settings)
    before = await pool.fetchrow(COUNTS)
    again = await tell(settings)
    assert await pool.fetchrow(COUNTS) == before
    assert again["users"] == answer["users"]
    async with pool.acquire() as conn:
        assert await people.token_viewer(conn, digest(answer["tokens"]["erp"]), datetime.now(UTC)) is None
        assert await people.token_viewer(conn, digest(again["tokens"]["erp"]), datetime.now(UTC)) is not None


async def test_the_story_is_not_told_in_production(settings: Settings) -> None:
    async with await open_pool(settings.database_url) as pool:
        with pytest.raises(ValueError, match="known passwords"):
            await seed(pool, settings.replace(mode="production"), datetime.now(UTC))
        assert not await pool.fetchval("select count(*) from account")


@pytest.mark.parametrize(
    ("now", "last", "before", "after"),
    [
        ("2026-11-18T15:20:00Z", "2026-11-18", "2026-11-17", "2026-11-19"),
        ("2026-11-18T09:00:00Z", "2026-11-17", "2026-11-16", "2026-11-18"),
        ("2026-11-22T23:30:00Z", "2026-11-20", "2026-11-19", "2026-11-23"),
        # London is an hour ahead in summer; Christmas and Boxing Day (moved) are no working days.
        ("2026-07-15T13:30:00Z", "2026-07-15", "2026-07-14", "2026-07-16"),
        ("2026-12-27T12:00:00Z", "2026-12-24", "2026-12-23", "2026-12-29"),
    ],
)
def test_the_story_ends_on_the_last_working_day(now: str, last: str, before: str, after: str) -> None:
    days = Days.before(datetime.fromisoformat(now), "Europe/London", story.ENDS)
    assert [str(days.day(number)) for number in (0, -1, 1)] == [last, before, after]
    assert days.at(0, story.ENDS) <= datetime.fromisoformat(now)


async def test_orders_wait_for_people_in_each_way(pool: Pool, answer: dict[str, object]) -> None:
    rows = await pool.fetch(
        """select r.account, r.state, r.step, o.external_id from approval_request r join orders o on o.id = r.order_id
           order by r.id"""
    )
    assert [tuple(row) for row in rows] == [
        ("NORDWIND", "pending", 1, "motors"),
        ("NORDWIND-HULL", "asked", 1, "pumps"),
        ("NORDWIND", "pending", 2, "controls"),
    ]
    found = await pool.fetch("select distinct action from audit_entry where account like 'NORDWIND%'")
    assert {"policy.changed", "approval.requested", "approval.approved"} <= {row["action"] for row in found}
    assert await pool.fetchval("select count(*) from saved_list") == 2
    assert await pool.fetchval("select count(*) from own_sku where account = 'NORDWIND'") == 6
