"""What was told long ago is forgotten; what waits, and what a connection learned, is not."""

from datetime import timedelta

from portal.clock import utc_now
from portal.operations import tidying
from tests.outbound.desk import Desk


async def test_attempts_are_kept_for_a_month_deliveries_for_three_and_what_waits_for_ever(desk: Desk) -> None:
    endpoint, _ = await desk.endpoint("http://127.0.0.1:9/", types=["shipment.updated"])
    await desk.tell(await desk.order(), times=4)
    first, second, third, fourth = [
        row["id"] for row in await desk.pool.fetch("select id from delivery order by id")
    ]
    for delivery, days in ((first, 91), (second, 89), (third, 91), (fourth, 200)):
        await desk.pool.execute(
            """update delivery set state = $3, created_at = now() - $2::interval,
                   settled_at = case when $3 = 'delivered' then now() - $2::interval end where id = $1""",
            delivery,
            timedelta(days=days),
            "waiting" if delivery == fourth else "delivered",
        )
    for days in (29, 31):
        await desk.pool.execute(
            "insert into delivery_attempt (delivery_id, number, at) values ($1, 1, now() - $2::interval)",
            second,
            timedelta(days=days),
        )
    now = utc_now()
    await tidying.forget_deliveries(
        desk.pool, attempts_before=now - timedelta(days=30), deliveries_before=now - timedelta(days=90)
    )
    left = await desk.pool.fetch("select id from delivery order by id")
    assert [row["id"] for row in left] == [second, fourth]
    assert await desk.pool.fetchval("select count(*) from delivery_attempt") == 1
    assert await desk.pool.fetchval("select state from connection where id = $1", endpoint) == "active"


async def test_what_an_event_left_just_when_its_endpoint_was_taken_away_is_forgotten(desk: Desk) -> None:
    await desk.endpoint("http://127.0.0.1:9/", types=["shipment.updated"])
    await desk.tell(await desk.order())
    for days, left in ((89, 1), (91, 0)):
        await desk.pool.execute(
            "update connection set deleted_at = now() - $1::interval", timedelta(days=days)
        )
        before = utc_now() - timedelta(days=90)
        await tidying.forget_deliveries(desk.pool, attempts_before=before, deliveries_before=before)
        assert await desk.pool.fetchval("select count(*) from delivery") == left
        assert await desk.pool.fetchval("select count(*) from connection_secret") == left


async def test_nothing_is_written_when_nobody_listens(desk: Desk) -> None:
    await desk.order()
    assert await desk.pool.fetchval("select count(*) from delivery") == 0
