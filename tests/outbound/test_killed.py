"""Workers are killed in the middle of deliveries, Valkey is emptied, the database cuts its connections: each event
arrives, in the order of its order, and twice with the same id only."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
import redis

from portal.db.work import Pool
from tests.billing.books import Books
from tests.outbound.desk import Desk
from tests.outbound.receiver import Answer, receiving
from tests.portals import Portal

pytestmark = pytest.mark.slow

ORDERS, EACH = 8, 6
CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'portal' and pid <> pg_backend_pid() and datname = current_database()
"""


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal(worker=True)


async def test_whatever_is_killed_everything_arrives_in_order(portal: Portal, portal_pool: Pool) -> None:
    desk = Desk(portal_pool, portal.settings, Books(portal_pool))
    await desk.books.open()
    worker, other = portal.processes[-1], portal.start("worker")
    async with receiving(lambda *_: Answer(after=0.25)) as receiver:
        endpoint, secret = await desk.endpoint(receiver.url, types=["shipment.updated"], per_second=500)
        orders = [await desk.order() for _ in range(ORDERS)]
        told = await asyncio.gather(*(desk.tell(order, times=EACH) for order in orders))
        await receiver.until(6)
        for process in (worker, other):
            process.kill()
        with redis.Redis.from_url(portal.valkey_url) as valkey:
            valkey.flushdb()
        assert worker.wait() == other.wait() == -9
        await asyncio.sleep(0.5)
        under_way = (await desk.states(endpoint)).count("sending")
        assert 1 <= under_way <= 4
        portal.start("worker")
        await receiver.until(ORDERS * EACH // 2, seconds=60)
        async with portal_pool.acquire() as conn:
            await conn.execute(CUT)
        await desk.settled(endpoint, "delivered", ORDERS * EACH, seconds=90)

        seen = list(dict.fromkeys(receiver.ids))
        assert sorted(seen) == sorted(one for events in told for one in events)
        for events in told:
            assert [one for one in seen if one in events] == events
        again = {one: times for one, times in Counter(receiver.ids).items() if times > 1}
        # What was under way when something ended, and nothing else.
        assert len(again) <= 12
        assert max(again.values(), default=1) <= 3
        receiver.verify(secret)
        print(
            f"{len(seen)} events, {len(again)} heard again with the same id, {under_way} under way when both ended"
        )
