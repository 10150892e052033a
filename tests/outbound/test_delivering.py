"""What happens reaches those who listen: signed, once, and one after the other for each order."""

import asyncio
import random

import pytest
from standardwebhooks import Webhook

from portal.adapters import signing
from portal.jobs.couriers import Courier
from tests.outbound.desk import Desk
from tests.outbound.receiver import Answer, Heard, Receiver, receiving

pytestmark = pytest.mark.usefixtures("courier")


async def test_an_order_is_told_as_the_feed_tells_it_and_the_reference_library_verifies_it(
    desk: Desk, receiver: Receiver
) -> None:
    endpoint, secret = await desk.endpoint(receiver.url)
    order = await desk.order()

    heard = await receiver.until(2)

    assert receiver.types == ["order.placed", "portion.allocated"]
    told = Webhook(secret).verify(heard[0].body, dict(heard[0].headers))
    [event] = await desk.pool.fetch("select * from event where type = 'order.placed'")
    assert told["data"]["id"] == heard[0].id == f"evt_{event['id']}"
    assert told["data"]["order"] == order
    assert told["data"]["sequence"] == event["sequence"]
    assert told["timestamp"] == told["data"]["at"]
    await desk.settled(endpoint, "delivered", 2)
    attempt = await desk.pool.fetchrow("select * from delivery_attempt order by id limit 1")
    assert (attempt["number"], attempt["status"], attempt["address"]) == (1, 204, "127.0.0.1")
    assert attempt["request_headers"]["webhook-id"] == heard[0].id
    assert await desk.pool.fetchval("select max(first_attempt_ms) from delivery") < 5000


async def test_an_endpoint_hears_of_its_account_and_those_below_and_of_its_types_only(
    desk: Desk, receiver: Receiver
) -> None:
    await desk.pool.execute(
        "update account set path = '{GROUP,NORTH}', parent = 'GROUP' where number = 'NORTH'"
    )
    group, _ = await desk.endpoint(receiver.url, "GROUP", ["order.placed"])
    north, _ = await desk.endpoint(receiver.url, "NORTH", ["shipment.shipped"])
    everybody, _ = await desk.endpoint(receiver.url, None)
    paused, _ = await desk.endpoint(receiver.url, "NORTH", state="paused")
    gone, _ = await desk.endpoint(receiver.url, "NORTH", ["order.placed"], deleted_at=clock_now())
    order = await desk.order()
    await desk.order("GROUP")
    await desk.books.ship(order, {1: 1})

    rows = await desk.pool.fetch("select connection_id, account, type from delivery order by id")
    heard: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        heard.setdefault(row["connection_id"], []).append((row["account"], row["type"]))
    assert heard[group] == [("NORTH", "order.placed"), ("GROUP", "order.placed")]
    assert heard[north] == [("NORTH", "shipment.shipped")]
    events = await desk.pool.fetch("select account, type from event order by id")
    assert heard[everybody] == [(row["account"], row["type"]) for row in events]
    # What happens while it is paused waits; what happens while it is deleted is not kept for it.
    assert heard[paused] == [one for one in heard[everybody] if one[0] == "NORTH"]
    assert gone not in heard
    await desk.settled(everybody, "delivered", len(events))
    assert set(await desk.states(paused)) == {"waiting"}


async def test_both_secrets_sign_while_one_retires(desk: Desk, receiver: Receiver) -> None:
    endpoint, former = await desk.endpoint(receiver.url, types=["order.placed"])
    latter = signing.new_secret()
    await desk.pool.execute("update connection_secret set retires_at = now() + interval '1 day'")
    await desk.add_secret(endpoint, latter)
    await desk.order()
    await receiver.until(1)

    receiver.verify(former)
    receiver.verify(latter)

    await desk.pool.execute("update connection_secret set retires_at = now() where retires_at is not null")
    await desk.order()
    await receiver.until(2)
    Webhook(latter).verify(receiver.heard[1].body, dict(receiver.heard[1].headers))
    assert len(receiver.heard[1].headers["webhook-signature"].split()) == 1


async def test_each_order_is_told_in_order_whatever_the_receiver_takes_for_each(desk: Desk) -> None:
    def now_and_then(heard: Heard, before: int) -> Answer:
        return Answer(after=random.random() / 20)

    async with receiving(now_and_then) as receiver:
        endpoint, _ = await desk.endpoint(receiver.url, types=["shipment.updated"], per_second=1000)
        orders = [await desk.order() for _ in range(6)]
        told = await asyncio.gather(*(desk.tell(order, times=12) for order in orders))
        await receiver.until(72)

        for events in told:
            assert [one for one in receiver.ids if one in set(events)] == events
        assert receiver.widest == 4
        await desk.settled(endpoint, "delivered", 72)
        assert len(set(receiver.ids)) == 72


async def test_a_delivery_that_fails_holds_up_its_order_only(desk: Desk) -> None:
    def refuses_one(heard: Heard, before: int) -> Answer:
        return Answer(500 if heard.told["data"]["order"] == first and before == 0 else 200)

    async with receiving(refuses_one) as receiver:
        await desk.endpoint(receiver.url, types=["shipment.updated"])
        first, second = await desk.order(), await desk.order()
        await desk.tell(first, times=3)
        await desk.tell(second, times=3)
        heard = await receiver.until(4)
        orders = [one.told["data"]["order"] for one in heard]
        assert sorted(orders) == sorted([first, second, second, second])


async def test_two_couriers_share_the_work_and_tell_nothing_twice(
    desk: Desk, receiver: Receiver, courier: Courier
) -> None:
    other = Courier(desk.pool, desk.settings)
    other.start()
    try:
        endpoints = [await desk.endpoint(receiver.url, types=["shipment.updated"]) for _ in range(5)]
        orders = [await desk.order() for _ in range(5)]
        told = await asyncio.gather(*(desk.tell(order, times=8) for order in orders))
        heard = await receiver.until(200)
        for endpoint, _ in endpoints:
            await desk.settled(endpoint, "delivered", 40)
    finally:
        await other.stop()
    assert len(heard) == 200
    assert sorted(receiver.ids) == sorted(5 * [one for events in told for one in events])


async def test_a_test_is_told_without_an_event(desk: Desk, receiver: Receiver) -> None:
    endpoint, secret = await desk.endpoint(receiver.url)
    delivery = await desk.pool.fetchval(
        """insert into delivery (connection_id, account, type, body, due_at)
           values ($1, 'NORTH', 'endpoint.test', '{"hello": "world"}', now()) returning id""",
        endpoint,
    )
    await receiver.until(1)
    receiver.verify(secret)
    assert receiver.heard[0].id == f"test_{delivery}"
    assert receiver.heard[0].told["data"] == {"hello": "world"}


def clock_now() -> object:
    from portal.clock import utc_now

    return utc_now()
