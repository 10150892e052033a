"""Receivers that are slow, down, gone, or ask to be left alone; and workers and servers that end in the middle."""

import asyncio
from datetime import timedelta

import pytest

from portal.db.deliveries import Claimed
from portal.domain.webhooks import Answer as Said
from portal.domain.webhooks import Outcome
from portal.jobs.couriers import Courier
from portal.settings import Settings
from tests.outbound.desk import Desk
from tests.outbound.receiver import Answer, Heard, Receiver, receiving

HOUR = timedelta(hours=1)
TYPES = ["shipment.updated"]


@pytest.mark.usefixtures("courier")
async def test_three_days_of_retries_then_a_person_has_to_look_and_what_stood_behind_it_goes_on(
    desk: Desk, receiver: Receiver
) -> None:
    order = await desk.order()
    receiver.answers = lambda heard, _: Answer(500 if heard.id == first else 200)
    endpoint, secret = await desk.endpoint(receiver.url, types=TYPES)
    [first] = await desk.tell(order)
    await receiver.until(1)
    [second] = await desk.tell(order)
    pauses = [5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600]
    for attempt, seconds in enumerate(pauses, 2):
        await desk.settled(endpoint, "waiting", 2)
        due = await desk.pool.fetchval("select due_at - now() from delivery order by id limit 1")
        ahead = await desk.pool.fetchval("select ahead_microseconds from clock")
        left = due.total_seconds() - (ahead or 0) / 1e6
        assert 0.85 * seconds - 1 < left < 1.1 * seconds
        await desk.later(timedelta(seconds=1.1 * seconds))
        await receiver.until(attempt)
    await desk.settled(endpoint, "dead")
    await receiver.until(11)
    assert receiver.ids == [first] * 10 + [second]
    receiver.verify(secret)
    await desk.settled(endpoint, "delivered")
    assert await desk.states(endpoint) == ["dead", "delivered"]
    row = await desk.pool.fetchrow("select attempts, problem from delivery where state = 'dead'")
    assert tuple(row) == (10, "answered 500")
    # The body is the same each time, the moment is not.
    assert len({one.body for one in receiver.heard[:10]}) == 1


@pytest.mark.usefixtures("courier")
async def test_a_receiver_that_is_down_for_a_day_gets_everything_in_order_and_once(desk: Desk) -> None:
    is_up = False
    async with receiving(lambda *_: Answer(200 if is_up else 503)) as receiver:
        endpoint, secret = await desk.endpoint(receiver.url, types=TYPES, per_second=500)
        orders = [await desk.order() for _ in range(4)]
        told = [await desk.tell(order, times=3) for order in orders]
        for _ in range(24):
            await desk.later(HOUR)
            await asyncio.sleep(0.05)
        assert set(await desk.states(endpoint)) <= {"waiting", "sending"}
        refused, is_up = len(receiver.heard), True
        for _ in range(30):
            await desk.later(HOUR)
            await asyncio.sleep(0.05)
            if await desk.states(endpoint) == ["delivered"] * 12:
                break
        await desk.settled(endpoint, "delivered", 12)
        taken = [one.id for one in receiver.heard[refused:]]
        for events in told:
            assert [one for one in taken if one in events] == events
        assert len(taken) == 12
        receiver.verify(secret)


async def test_what_became_due_after_all_that_waits_behind_it_is_not_overlooked(
    desk: Desk, receiver: Receiver
) -> None:
    """So it is when workers were away: it was tried again and put off, and what stands behind it was not yet."""
    endpoint, _ = await desk.endpoint(receiver.url, types=TYPES, per_second=500)
    told = await desk.tell(await desk.order(), times=60)
    await desk.pool.execute("update delivery set due_at = due_at - interval '2 hours'")
    await desk.pool.execute(
        """update delivery set attempts = 1, due_at = due_at + interval '1 hour'
           where id = (select min(id) from delivery)"""
    )
    courier = Courier(desk.pool, desk.settings)
    courier.start()
    try:
        await desk.settled(endpoint, "delivered", 60)
    finally:
        await courier.stop()
    assert receiver.ids == told


@pytest.mark.usefixtures("courier")
async def test_what_is_gone_is_told_nothing_more(desk: Desk) -> None:
    async with receiving(lambda *_: Answer(410)) as receiver:
        endpoint, _ = await desk.endpoint(receiver.url, types=TYPES)
        order = await desk.order()
        await desk.tell(order)
        await desk.settled(endpoint, "dead")
        row = await desk.pool.fetchrow(
            "select state, disabled_because, disabled_at from connection where id = $1", endpoint
        )
        assert row["state"] == "disabled"
        assert row["disabled_because"] == "gone"
        assert row["disabled_at"]
        await desk.tell(order, times=2)
        assert await desk.states(endpoint) == ["dead"]
        assert len(receiver.heard) == 1


@pytest.mark.usefixtures("courier")
async def test_after_five_days_without_success_it_is_disabled(desk: Desk) -> None:
    async with receiving(lambda *_: Answer(500)) as receiver:
        endpoint, _ = await desk.endpoint(receiver.url, types=TYPES)
        order = await desk.order()
        await desk.tell(order, times=2)
        for _ in range(110):
            await desk.later(HOUR)
            await asyncio.sleep(0.03)
        assert await desk.pool.fetchval("select state from connection where id = $1", endpoint) == "active"
        for _ in range(60):
            await desk.later(HOUR)
            await asyncio.sleep(0.1)
            if (
                await desk.pool.fetchval("select state from connection where id = $1", endpoint)
            ) == "disabled":
                break
        row = await desk.pool.fetchrow(
            "select state, disabled_because from connection where id = $1", endpoint
        )
        assert tuple(row) == ("disabled", "failing")


@pytest.mark.usefixtures("courier")
async def test_whoever_asks_to_be_left_alone_is_for_as_long_as_they_say(desk: Desk) -> None:
    def asks(heard: Heard, before: int) -> Answer:
        return Answer(503, {"Retry-After": "7200"}) if before == 0 else Answer()

    async with receiving(asks) as receiver:
        endpoint, _ = await desk.endpoint(receiver.url, types=TYPES)
        await desk.tell(await desk.order())
        await receiver.until(1)
        await desk.settled(endpoint, "waiting")
        # Nothing else begins meanwhile, for a minute at most.
        held = await desk.pool.fetchval(
            "select free_at - clock_timestamp() from connection where id = $1", endpoint
        )
        assert timedelta(seconds=50) < held <= timedelta(seconds=60)
        await desk.pool.execute("update connection set free_at = null")
        await desk.later(HOUR)
        await asyncio.sleep(0.3)
        assert len(receiver.heard) == 1
        await desk.later(HOUR)
        await receiver.until(2)


@pytest.mark.usefixtures("courier")
async def test_a_slow_receiver_delays_no_other(desk: Desk, receiver: Receiver) -> None:
    async with receiving(lambda *_: Answer(after=None)) as dead:
        slow, _ = await desk.endpoint(dead.url, types=TYPES)
        fast, _ = await desk.endpoint(receiver.url, types=TYPES, per_second=1000)
        orders = [await desk.order() for _ in range(20)]
        for order in orders:
            await desk.tell(order, times=3)
        heard = await receiver.until(60, seconds=10)
        assert len(heard) == 60
        assert dead.widest == len(dead.heard) == 4
        worst = await desk.pool.fetchval(
            "select max(first_attempt_ms) from delivery where connection_id = $1", fast
        )
        assert worst < 2000
        assert sorted(set(await desk.states(slow))) == ["sending", "waiting"]


@pytest.mark.usefixtures("courier")
async def test_each_connection_keeps_its_pace(desk: Desk, receiver: Receiver) -> None:
    await desk.endpoint(receiver.url, types=TYPES, per_second=20, concurrency=2)
    orders = [await desk.order() for _ in range(5)]
    for order in orders:
        await desk.tell(order, times=4)
    heard = await receiver.until(20)
    assert heard[-1].at - heard[0].at > 0.85
    assert receiver.widest <= 2


@pytest.mark.usefixtures("courier")
async def test_what_stands_behind_something_that_is_dropped_goes_on(desk: Desk) -> None:
    from portal.clock import utc_now
    from portal.db import delivery_log
    from portal.db.work import Work

    async with receiving(lambda heard, _: Answer(500 if heard.id == first else 200)) as receiver:
        endpoint, _ = await desk.endpoint(receiver.url, types=TYPES)
        order = await desk.order()
        first, second, third = await desk.tell(order, times=3)
        await receiver.until(1)
        await desk.settled(endpoint, "waiting", 3)
        await desk.later(timedelta(minutes=1))
        await receiver.until(2)
        await desk.settled(endpoint, "waiting", 3)
        await asyncio.sleep(2.2)  # what stands behind is put off until the first is tried again
        work = Work(desk.pool)
        async with work:
            delivery = await work.conn.fetchval("select min(id) from delivery")
            await delivery_log.drop(work.conn, endpoint, utc_now(), [delivery])
        await receiver.until(4, seconds=3)
        assert receiver.ids[-2:] == [second, third]


class Babbler:
    """A way out whose answers hold what PostgreSQL does not take."""

    async def send(self, claimed: Claimed) -> Said:
        odd = "no \0 \ud800"
        return Said(200, None) if claimed.type == "shipment.updated" else Said(422, odd, response_body=odd)

    def judge(self, answer: Said, _attempt: int, _chance: float) -> Outcome:
        return Outcome("delivered" if answer.status == 200 else "dead")

    async def close(self) -> None:
        pass


async def test_an_answer_that_cannot_be_kept_as_it_is_stands_in_nobodys_way(
    desk: Desk, settings: Settings
) -> None:
    courier = Courier(desk.pool, settings, {"webhook": Babbler()})
    endpoint, _ = await desk.endpoint("http://127.0.0.1:9/", types=[*TYPES, "queue.changed"])
    order = await desk.order()
    await desk.tell(order, "queue.changed")
    await desk.tell(order)
    courier.start()
    await desk.settled(endpoint, "delivered", seconds=5)
    await courier.stop()
    assert await desk.states(endpoint) == ["dead", "delivered"]
    assert await desk.pool.fetchval("select problem from delivery where state = 'dead'") == "no \ufffd ?"


async def test_a_courier_that_stops_gives_back_what_it_has(desk: Desk, settings: Settings) -> None:
    async with receiving(lambda *_: Answer(after=None)) as receiver:
        courier = Courier(desk.pool, settings)
        courier.start()
        await desk.endpoint(receiver.url, types=TYPES)
        await desk.tell(await desk.order())
        await receiver.until(1)
        await courier.stop()
        row = await desk.pool.fetchrow("select state, attempts, claimed_until from delivery")
        assert tuple(row) == ("waiting", 0, None)


@pytest.mark.usefixtures("courier")
async def test_a_database_that_cuts_its_connections_costs_nothing(desk: Desk, settings: Settings) -> None:
    import asyncpg

    async with receiving(lambda *_: Answer(after=0.02)) as receiver:
        _endpoint, _ = await desk.endpoint(receiver.url, types=TYPES, per_second=1000)
        orders = [await desk.order() for _ in range(4)]
        own = await asyncpg.connect(settings.database_url)

        async def cut() -> None:
            for _ in range(5):
                await asyncio.sleep(0.15)
                await own.execute(
                    """select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and pid <> pg_backend_pid()"""
                )

        async def tell(order: str) -> list[str]:
            told: list[str] = []
            while len(told) < 10:
                try:
                    told += await desk.tell(order)
                except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
                    await asyncio.sleep(0.05)
            return told

        _, *_ = await asyncio.gather(cut(), *(tell(order) for order in orders))
        events = await own.fetch("select id, order_id from event where type = any($1) order by id", TYPES)
        await receiver.until(len(events), seconds=60)
        await desk.until(
            "select count(*)::int from delivery where state = 'delivered'", len(events), seconds=60
        )
        seen = list(dict.fromkeys(receiver.ids))
        for order in {row["order_id"] for row in events}:
            mine = [f"evt_{row['id']}" for row in events if row["order_id"] == order]
            assert [one for one in seen if one in mine] == mine
        await own.close()
